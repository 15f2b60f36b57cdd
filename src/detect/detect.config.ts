import { z } from 'zod';

export const detectConfig = z.object({
  RULES_DIRS: z.string().optional().meta({
    description:
      'Folders with rules of your own besides the shipped ones, separated by commas; changes are read within 15 seconds',
    example: '/etc/silowatch/rules',
  }),
  SIGNALS_PARTITIONS: z.coerce
    .number()
    .int('is not a whole number')
    .min(1, 'is below 1')
    .max(1024, 'is above 1024')
    .default(24)
    .meta({
      description:
        'Partitions of silowatch.signals, fixed at the first start (changed by silowatch signals resize): as many correlators can share the work',
      example: '24',
    }),
  DETECT_GROUPS: z.coerce
    .number()
    .int('is not a whole number')
    .min(1, 'is below 1')
    .max(256, 'is above 256')
    .default(4)
    .meta({
      description:
        'Consumer groups that silos are spread over: one for each 75 silos; changing it reads every stream again from its start',
      example: '4',
    }),
});
