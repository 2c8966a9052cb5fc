import { describeLiveMessages } from '../../../test/contracts/live-messages.contract.ts';
import { openGatewayApp } from '../../../test/gateway-app.ts';

describeLiveMessages('a WebSocket that a gateway holds', () => openGatewayApp({ random: () => 1 }));
