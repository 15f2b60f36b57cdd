import { runService } from './cli/run-service.js';

process.exitCode = await runService(process.env);
