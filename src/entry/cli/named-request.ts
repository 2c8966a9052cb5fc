import { AppError, isNotFound } from '../../domain/app-error.ts';
import type { AsyncRequest } from '../../domain/request.ts';
import { LOCAL_CALLER } from '../../services/authenticate.ts';
import { getRequest } from '../../services/get-request.ts';
import type { Ports } from '../../services/ports.ts';

/** A request that the operator names. @throws not_found naming it as well: there may be several */
export async function getNamedRequest(ports: Pick<Ports, 'queue'>, id: string): Promise<AsyncRequest> {
  try {
    return await getRequest(ports, LOCAL_CALLER, id);
  } catch (error) {
    throw isNotFound(error) ? new AppError('not_found', `There is no request ${id}.`) : error;
  }
}
