import { z } from 'zod';
import { secret } from '../config/config.js';

export const cryptoConfig = z.object({
  SILOWATCH_MASTER_KEY: secret().optional().meta({
    description:
      'Master key, 32 bytes in base64, that seals secrets in the database; without it a key file is made in SILOWATCH_DATA/keys',
    example: 'the output of: openssl rand -base64 32',
  }),
});
