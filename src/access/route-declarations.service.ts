import { Injectable, type OnModuleInit, RequestMethod } from '@nestjs/common';
import { DiscoveryService, MetadataScanner, Reflector } from '@nestjs/core';
import { DomainError } from '../platform/errors/domain-error.js';
import { ACCESS_METADATA } from './may.decorator.js';

/** Nest's names for a handler's verb and path. */
const METHOD_METADATA = 'method';
const PATH_METADATA = 'path';

/** Stops the start when a route says neither what right it needs nor that it is public. */
@Injectable()
export class RouteDeclarations implements OnModuleInit {
  constructor(
    private readonly discovery: DiscoveryService,
    private readonly scanner: MetadataScanner,
    private readonly reflector: Reflector,
  ) {}

  onModuleInit(): void {
    const undeclared = this.discovery.getControllers().flatMap(({ instance, metatype }) => {
      const prototype = Object.getPrototypeOf(instance) as Record<string, () => unknown>;
      return this.scanner
        .getAllMethodNames(prototype)
        .map((name) => ({ name, handler: prototype[name] }))
        .filter(({ handler }) => handler !== undefined && this.isUndeclaredRoute(handler, metatype))
        .map(({ name, handler }) => `${metatype?.name ?? '?'}.${name} (${describeRoute(handler)})`);
    });
    if (undeclared.length === 0) return;
    throw new DomainError(
      'ACCESS_ROUTE_UNDECLARED',
      `These routes declare neither @May nor @Public: ${undeclared.join(', ')}`,
    );
  }

  private isUndeclaredRoute(handler: () => unknown, controller: unknown): boolean {
    if (Reflect.getMetadata(METHOD_METADATA, handler) === undefined) return false;
    const targets = [handler, controller].filter((target) => typeof target === 'function');
    return this.reflector.getAllAndOverride(ACCESS_METADATA, targets) === undefined;
  }
}

function describeRoute(handler: (() => unknown) | undefined): string {
  if (handler === undefined) return '';
  const method = Reflect.getMetadata(METHOD_METADATA, handler) as RequestMethod;
  return `${RequestMethod[method]} ${String(Reflect.getMetadata(PATH_METADATA, handler))}`;
}
