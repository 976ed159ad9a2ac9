import type { INestApplication } from '@nestjs/common';
import { DocumentBuilder, SwaggerModule, type OpenAPIObject } from '@nestjs/swagger';
import { Problem } from './http/problem.js';

/** What the interface says of itself; docs/openapi.json is a copy of it. */
export function openApiOf(app: INestApplication): OpenAPIObject {
  const config = new DocumentBuilder()
    .setTitle('Hearthwatch')
    .setDescription('Homes, their equipment and readings, and the alerts of people with dementia living at home. Errors are RFC 9457 problem details with a code and a way out. Not for real residents until roles and caseloads are in.')
    .setVersion('1').addBearerAuth({ type: 'http', scheme: 'bearer', description: 'An API token' }).build();
  return SwaggerModule.createDocument(app, config, { extraModels: [Problem], operationIdFactory: (controller, method) => `${controller.replace(/Controller$/, '')}_${method}` });
}
