import { z } from 'zod';

const MIB = 1024 * 1024;

export const intakeConfig = z.object({
  INTAKE_BYTES_IN_FLIGHT: z.coerce
    .number('must be a number of bytes')
    .int('must be a whole number')
    .min(48 * MIB, 'must be at least 50331648 (48 MiB)')
    .default(128 * MIB)
    .meta({
      description:
        'Bytes of bodies, unpacked, that may wait for the log at once; one silo may have a quarter of them, and always one largest body (16 MiB, and as much for what its records add). What comes on top is answered with 429',
      example: '134217728',
    }),
  INTAKE_SILO_BYTES_PER_SECOND: z.coerce
    .number('must be a number of bytes')
    .int('must be a whole number')
    .min(1024, 'must be at least 1024')
    .default(10 * MIB)
    .meta({
      description:
        'Bytes a second, unpacked, that one silo may send over HTTP in the long run; ten seconds’ worth may come at once',
      example: '10485760',
    }),
  INTAKE_BODY_SECONDS: z.coerce
    .number('must be a number of seconds')
    .min(0.1, 'must be at least 0.1')
    .max(300, 'must be 300 or less')
    .default(60)
    .meta({ description: 'A body that is not there after so long is answered with 408', example: '60' }),
});
