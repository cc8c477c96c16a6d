import { originOf } from '../../server.mjs';

/**
 * For `test.use`: the server with short session lifetimes (`SHORT_LIVED` in server.mjs). Without activity
 * the session warning opens after 3 seconds and the session ends after 8; the absolute timeout is 16
 * seconds. A step-up is required 5 seconds after authentication.
 */
export const shortLived = { baseURL: originOf(process.env.END2END_SHORT_LIVED_PORT) };
