import { type DynamicModule, Global, Module } from '@nestjs/common';
import { ServiceRoles } from '../roles/service-roles.js';
import { PublicUrl } from './public-url.js';
import { Readiness } from './readiness.js';

/** What rooms ask the shell for: its readiness list, the public address and the roles of this process. */
@Global()
@Module({})
export class HttpModule {
  static of(parts: {
    readonly readiness: Readiness;
    readonly publicUrl: PublicUrl;
    readonly roles: ServiceRoles;
  }): DynamicModule {
    const providers = [
      { provide: Readiness, useValue: parts.readiness },
      { provide: PublicUrl, useValue: parts.publicUrl },
      { provide: ServiceRoles, useValue: parts.roles },
    ];
    return { module: HttpModule, providers, exports: providers };
  }
}
