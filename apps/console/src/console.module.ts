import { Module, type DynamicModule } from '@nestjs/common';
import { APP_INTERCEPTOR } from '@nestjs/core';
import { Access } from './access/access.js';
import { ApiGuard } from './access/api-access.js';
import { AuditTrail } from './access/audit-trail.js';
import { PageGuard } from './access/page-access.js';
import { AlertsController } from './api/alerts.controller.js';
import { ClaimsController, HomeClaimsController } from './api/claims.controller.js';
import { CommissioningController } from './api/commissioning.controller.js';
import { EquipmentController } from './api/equipment.controller.js';
import { EventsController } from './api/events.controller.js';
import { HomesController } from './api/homes.controller.js';
import { PeopleController } from './api/people.controller.js';
import { QuarantineController } from './api/quarantine.controller.js';
import { ReadingsController } from './api/readings.controller.js';
import { HealthController } from './health/health.controller.js';
import { Readiness } from './health/readiness.js';
import { ProblemFilter } from './http/problem.filter.js';
import { AlertFeed } from './live/alert-feed.js';
import { EventStreams } from './live/event-streams.js';
import { AlertPageController } from './pages/alert-page.controller.js';
import { AlertsPageController } from './pages/alerts-page.controller.js';
import { DeviceCheckPageController } from './pages/device-check-page.controller.js';
import { EquipmentPageController } from './pages/equipment-page.controller.js';
import { FittingPageController } from './pages/fitting-page.controller.js';
import { HomesPageController } from './pages/homes-page.controller.js';
import { SignInController } from './pages/sign-in.controller.js';
import { Stores } from './stores.js';

@Module({})
export class ConsoleModule {
  static of(stores: Stores): DynamicModule {
    return {
      module: ConsoleModule,
      controllers: [
        HomesController, PeopleController, EquipmentController, CommissioningController, HomeClaimsController, ClaimsController, ReadingsController, AlertsController, EventsController, QuarantineController, HealthController,
        SignInController, AlertsPageController, AlertPageController, HomesPageController, EquipmentPageController,
        FittingPageController, DeviceCheckPageController,
      ],
      providers: [
        { provide: Stores, useValue: stores },
        { provide: AlertFeed, useFactory: () => new AlertFeed(stores.db, stores.log) },
        { provide: APP_INTERCEPTOR, useClass: AuditTrail },
        Access, ApiGuard, PageGuard, Readiness, ProblemFilter, EventStreams,
      ],
    };
  }
}
