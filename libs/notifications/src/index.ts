export { deliverDue, type Delivered, type DeliveryOptions } from './deliver-due.js';
