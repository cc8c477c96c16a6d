import { originOf } from '../../server.mjs';

/**
 * For `test.use`: the server that limits wrong passwords (`LIMITED` in server.mjs). After two for an account,
 * each further attempt has to wait for 4 seconds.
 */
export const limited = { baseURL: originOf(process.env.END2END_LIMITED_PORT) };
