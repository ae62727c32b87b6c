import type { CapArea, CapCircle, GeoPoint } from './alert.js';

/** Mean radius of the earth (IUGG R1), kilometres. */
const EARTH_KM = 6371.0088;

/** Great-circle distance on a sphere, kilometres; off by 0.5 % at most against WGS 84. */
export function distanceKm(a: GeoPoint, b: GeoPoint): number {
  const rad = Math.PI / 180;
  const half = (from: number, to: number): number => Math.sin(((to - from) * rad) / 2) ** 2;
  const h =
    half(a.latitude, b.latitude) +
    Math.cos(a.latitude * rad) * Math.cos(b.latitude * rad) * half(a.longitude, b.longitude);
  return 2 * EARTH_KM * Math.asin(Math.min(1, Math.sqrt(h)));
}

/** Is the point in the circle? Its edge belongs to it. */
export function inCircle(point: GeoPoint, { centre, radiusKm }: CapCircle): boolean {
  return distanceKm(point, centre) <= radiusKm;
}

/**
 * Is the point in the polygon, in the plane of latitude and longitude? By the even-odd rule; a point on the edge is in it.
 * Longitudes are taken as those nearest to the point's, so that a polygon may lie across the 180th meridian.
 * @param polygon closed
 */
export function inPolygon({ latitude: y, longitude }: GeoPoint, polygon: readonly GeoPoint[]): boolean {
  let inside = false;
  for (let i = 1; i < polygon.length; i += 1) {
    const [from, to] = [polygon[i - 1], polygon[i]];
    if (from === undefined || to === undefined) continue;
    const [x1, y1] = [east(from.longitude - longitude), from.latitude];
    const [x2, y2] = [east(to.longitude - longitude), to.latitude];
    const across = x1 * (y2 - y) - x2 * (y1 - y);
    const between =
      Math.min(x1, x2) <= 0 && Math.max(x1, x2) >= 0 && Math.min(y1, y2) <= y && Math.max(y1, y2) >= y;
    if (across === 0 && between) return true;
    if (y1 > y !== y2 > y && x1 + ((y - y1) / (y2 - y1)) * (x2 - x1) > 0) inside = !inside;
  }
  return inside;
}

/** −180 to 180 degrees. */
function east(degrees: number): number {
  return ((((degrees + 180) % 360) + 360) % 360) - 180;
}

/** Where a receiver stands, as far as its province has said. */
export interface Place {
  readonly position?: GeoPoint | undefined;
  readonly geocodes?: readonly { readonly name: string; readonly value: string }[] | undefined;
}

/** Is the receiver there? `unknown`: nothing that the province has said of it tells. */
export type Whether = 'inside' | 'outside' | 'unknown';

/**
 * Is a receiver in one of the areas? Each is the union of its polygons, circles and geocodes (clause 3.2.4), which mostly say one
 * thing in several ways: what can be told by one of them is not made unknown by a code of a system that the receiver has none of.
 * Pure.
 */
export function whetherIn(areas: readonly CapArea[], place: Place): Whether {
  const each = areas.map((area) => whetherInArea(area, place));
  if (each.includes('inside')) return 'inside';
  return each.includes('unknown') ? 'unknown' : 'outside';
}

function whetherInArea({ polygons, circles, geocodes }: CapArea, place: Place): Whether {
  const { position } = place;
  const own = place.geocodes ?? [];
  if (geocodes.some(({ name, value }) => own.some((one) => one.name === name && one.value === value)))
    return 'inside';
  const shapes = polygons.length + circles.length > 0;
  if (position !== undefined && shapes) {
    const inOne = circles.some((one) => inCircle(position, one));
    return inOne || polygons.some((one) => inPolygon(position, one)) ? 'inside' : 'outside';
  }
  // Words alone, or nothing that can be compared: who signed it for this receiver has read it.
  return geocodes.some(({ name }) => own.some((one) => one.name === name)) ? 'outside' : 'unknown';
}
