import { originOf } from '../../server.mjs';

/**
 * For `test.use`: the server that sends mails over SMTP, to a mail server that `server.mjs` starts. There, an account
 * begins with the link in a mail.
 */
export const smtp = { baseURL: originOf(process.env.END2END_SMTP_PORT) };
