import { Controller, Get, Req, Res } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiServiceUnavailableResponse, ApiTags } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { actorOf } from '../access/who.js';
import { aggregateMetrics, metricsJson } from '#libs/runtime';
import { HttpProblem } from '../http/problem.js';
import { Readiness } from './readiness.js';

/** For whatever watches the service. The health answers need no token: they name parts, nothing else. */
@ApiTags('Health')
@Controller()
export class HealthController {
  constructor(private readonly readiness: Readiness) {}

  @Get('health/live')
  @ApiOperation({ summary: 'The process answers' })
  @ApiOkResponse({ schema: { type: 'object', properties: { status: { type: 'string', enum: ['live'] } } } })
  live(): { status: 'live' } {
    return { status: 'live' };
  }

  @Get('health/ready')
  @ApiOperation({ summary: 'All parts work' })
  @ApiOkResponse({ schema: { type: 'object', properties: { status: { type: 'string', enum: ['ready'] }, failing: { type: 'array', items: { type: 'string' } } } } })
  @ApiServiceUnavailableResponse({ description: 'A part fails; `failing` names it: database, series, journal, broker, monitor, …' })
  async ready(@Res() response: Response): Promise<void> {
    const failing = await this.readiness.failing();
    response.status(failing.length === 0 ? 200 : 503).set('Cache-Control', 'no-store')
      .json({ status: failing.length === 0 ? 'ready' : 'failing', failing });
  }

  @Get('metrics')
  @ApiOperation({ summary: 'Prometheus metrics of all roles in this process; without a token from this machine alone' })
  async metrics(@Req() request: Request, @Res() response: Response): Promise<void> {
    if (!isLocal(request) && actorOf(request) === undefined) {
      throw new HttpProblem(401, 'HW-HTTP-UNAUTHENTICATED', 'From another machine the metrics need an API token', 'Send the header Authorization: Bearer <token>');
    }
    const others = await this.readiness.reports();
    const text = await aggregateMetrics([await metricsJson(), ...others.map((report) => report.metrics)]);
    response.type('text/plain; version=0.0.4; charset=utf-8').set('Cache-Control', 'no-store').send(text);
  }
}

/** Asked from this machine itself, not through a proxy on it. */
function isLocal(request: Request): boolean {
  const address = request.socket.remoteAddress ?? '';
  const forwarded = request.get('x-forwarded-for') ?? request.get('forwarded');
  return forwarded === undefined && (address === '::1' || address === '::ffff:127.0.0.1' || address.startsWith('127.'));
}
