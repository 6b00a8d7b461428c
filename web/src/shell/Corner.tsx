import '@mantine/notifications/styles.css';
import { Notifications } from '@mantine/notifications';

/** Where notices appear. */
export default function Corner() {
  return <Notifications position="bottom-right" />;
}
