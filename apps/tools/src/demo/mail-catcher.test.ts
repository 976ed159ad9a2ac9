import { expect, test } from '@jest/globals';
import { createTransport } from 'nodemailer';
import { catchMails, type CaughtMail } from './mail-catcher.js';

test('every mail is taken and shown with its recipient and subject', async () => {
  const caught: CaughtMail[] = [];
  const catcher = await catchMails((mail) => caught.push(mail));
  const transport = createTransport(catcher.url);
  const subject = 'Somebody pressed for help: „bitte“ – please look now, this subject is long enough to be folded twice over';
  await transport.sendMail({ from: 'a@example.org', to: 'family@example.org', subject, text: 'One\n.\n..two dots' });
  await transport.sendMail({ from: 'a@example.org', to: ['x@example.org', 'y@example.org'], subject: 'Plain', text: 'Two' });
  transport.close();
  await catcher.close();
  expect(caught).toEqual([{ to: 'family@example.org', subject }, { to: 'x@example.org', subject: 'Plain' }, { to: 'y@example.org', subject: 'Plain' }]);
});
