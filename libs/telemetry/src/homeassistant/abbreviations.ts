/** The short names of the fields that are read here; part of the discovery format. */
const FIELDS: Record<string, string> = {
  avty: 'availability', avty_mode: 'availability_mode', avty_t: 'availability_topic', avty_tpl: 'availability_template', atype: 'automation_type',
  cmps: 'components', dev: 'device', dev_cla: 'device_class', e: 'encoding', en: 'enabled_by_default', ent_cat: 'entity_category', exp_aft: 'expire_after',
  obj_id: 'object_id', off_dly: 'off_delay', p: 'platform', pl: 'payload', pl_avail: 'payload_available', pl_not_avail: 'payload_not_available', pl_off: 'payload_off',
  pl_on: 'payload_on', stat_t: 'state_topic', stat_tpl: 'state_template', stype: 'subtype', t: 'topic', uniq_id: 'unique_id', unit_of_meas: 'unit_of_measurement', val_tpl: 'value_template',
};
const DEVICE_FIELDS: Record<string, string> = { cns: 'connections', ids: 'identifiers', mdl: 'model', mdl_id: 'model_id', mf: 'manufacturer', sn: 'serial_number' };

/** The object with the long names of its fields; one that is there under both names keeps the long one. */
export function withLongNames(body: Record<string, unknown>, ofDevice = false): Record<string, unknown> {
  const names = ofDevice ? DEVICE_FIELDS : FIELDS;
  const long: Record<string, unknown> = {};
  for (const [field, value] of Object.entries(body)) {
    const name = Object.hasOwn(names, field) ? names[field]! : field;
    if (name === field || !Object.hasOwn(body, name)) long[name] = value;
  }
  return long;
}

/** A topic with the base in place of the `~` that it begins or ends with. */
export function withBase(topic: string, base: unknown): string {
  if (typeof base !== 'string') return topic;
  if (topic.startsWith('~')) return base + topic.slice(1);
  return topic.endsWith('~') ? topic.slice(0, -1) + base : topic;
}
