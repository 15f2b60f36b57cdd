import type { INestApplication } from '@nestjs/common';
import { DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';

/** The OpenAPI 3.1 document, made from the routes' own schemas once the routes are known. */
export class ApiDocument {
  #document: OpenAPIObject | undefined;

  get(): OpenAPIObject {
    if (this.#document === undefined) throw new Error('The API document is asked for before the routes are known');
    return this.#document;
  }

  make(app: INestApplication): void {
    const config = new DocumentBuilder()
      .setTitle('Silowatch')
      .setDescription(
        'Errors are problem details (RFC 9457). Lists page by cursor. Times are RFC 3339 in UTC. Changes need the session cookie, the header x-csrf-token and the service’s own Origin.',
      )
      .setVersion('1')
      .setOpenAPIVersion('3.1.0')
      .addCookieAuth('__Host-silowatch')
      .addBearerAuth({ type: 'http', scheme: 'bearer', description: "A silo's intake token" }, 'intake')
      .build();
    this.#document = SwaggerModule.createDocument(app, config, {
      operationIdFactory: (controller, method) => `${controller.replace(/Controller$/, '')}_${method}`,
    });
  }
}
