package stripesandbox

import (
	"encoding/json"
	"net/url"
	"reflect"
	"slices"
	"time"
)

// eventLifetime is how long events can be listed.
const eventLifetime = 30 * 24 * time.Hour

// emit records that something happened to e and owes it to every endpoint that listens.
func (t *tx) emit(kind string, e entity, previous map[string]any) {
	data := map[string]any{"object": t.render(e)}
	if previous != nil {
		data["previous_attributes"] = previous
	}
	t.record(kind, encode(data))
}

// emitUpdate is emit with the values that differ from before.
func (t *tx) emitUpdate(kind string, e entity, before map[string]any) {
	previous := map[string]any{}
	for key, now := range t.render(e) {
		if was := before[key]; !reflect.DeepEqual(was, now) {
			previous[key] = was
		}
	}
	t.emit(kind, e, previous)
}

func (t *tx) record(kind string, data json.RawMessage) {
	event := &Event{Type: kind, Data: pack(data), Request: t.request}
	if t.isConnected() {
		event.Connected = t.account
	}
	for _, row := range t.db.byKind[kindEndpoint] {
		endpoint, ok := row.(*Endpoint)
		if ok && endpoint.hears(t, kind) {
			event.Deliveries = append(event.Deliveries, &Delivery{Endpoint: endpoint.ID, State: DeliveryPending, NextAt: t.now.UnixMilli()})
		}
	}
	t.create(event, kindEvent, "evt_")
	event.Created = t.outside.Unix() // receivers refuse events from the future, and list by their own clock
	if event.pending() > 0 {
		t.db.unsent[event.ID] = event
	}
}

// hears says whether the endpoint wants an event of the account in sight.
func (w *Endpoint) hears(t *tx, kind string) bool {
	own := w.Account == t.account && !w.Connect
	connected := w.Connect && w.Account == t.db.platformID && t.isConnected()
	return w.Status == "enabled" && (own || connected) && (slices.Contains(w.Events, "*") || slices.Contains(w.Events, kind))
}

// pending counts the endpoints that have not accepted the event.
func (e *Event) pending() int {
	n := 0
	for _, d := range e.Deliveries {
		if d.State != DeliveryDelivered {
			n++
		}
	}
	return n
}

func listEvents(c *call) (any, error) {
	p := c.params
	created, kind, types, delivered := p.created("created"), p.text("type"), p.strs("types"), p.boolean("delivery_success")
	if len(types) > 20 {
		p.fail(invalid("", "types", "You may pass at most 20 types."))
	}
	if kind != nil && types != nil {
		p.fail(invalid("", "types", "You may only specify one of these parameters: type, types."))
	}
	oldest := c.outside.Add(-eventLifetime).Unix()
	return page(c, kindEvent, func(e *Event) bool {
		return e.Created >= oldest && created(e.Created) && (kind == nil || matchesType(*kind, e.Type)) &&
			(types == nil || slices.Contains(types, e.Type)) && (delivered == nil || *delivered == (e.pending() == 0))
	})
}

// matchesType compares with a type, or with a pattern such as charge.*.
func matchesType(pattern, kind string) bool {
	if n := len(pattern) - 1; n > 0 && pattern[n] == '*' {
		return len(kind) >= n && kind[:n] == pattern[:n]
	}
	return pattern == kind
}

func createEndpoint(c *call) (any, error) {
	p := c.params
	w := &Endpoint{
		Status: "enabled", Secret: "whsec_" + randomText(32), URL: readEndpointURL(p), Events: p.strs("enabled_events"), Desc: p.text("description"),
		Connect: value(p.boolean("connect")), APIVersion: p.text("api_version"), Metadata: p.metadata()(nil),
	}
	if len(w.Events) == 0 {
		p.fail(invalid("parameter_missing", "enabled_events", "Missing required param: enabled_events."))
	}
	if w.URL == "" {
		p.required("url")
	}
	if err := p.err(); err != nil {
		return nil, err
	}
	c.create(w, kindEndpoint, "we_")
	o := c.render(w)
	o["secret"] = w.Secret // shown once, as Stripe does
	return o, nil
}

func readEndpointURL(p *params) string {
	text := value(p.text("url"))
	if text == "" {
		return ""
	}
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		p.fail(invalid("url_invalid", "url", "Invalid URL: URL must be absolute and use http or https."))
	}
	return text
}

func updateEndpoint(c *call) (any, error) {
	p := c.params
	w, ok := find[*Endpoint](c.tx, c.path("id"))
	if !ok {
		return nil, missing(kindEndpoint, c.path("id"), "")
	}
	address, events, description := readEndpointURL(p), p.strs("enabled_events"), p.str("description")
	disabled, metadata := p.boolean("disabled"), p.metadata()
	if err := p.err(); err != nil {
		return nil, err
	}
	if address != "" {
		w.URL = address
	}
	if len(events) > 0 {
		w.Events = events
	}
	set(&w.Desc, description)
	if disabled != nil {
		w.Status = "enabled"
		if *disabled {
			w.Status = "disabled"
		}
	}
	w.Metadata = metadata(w.Metadata)
	c.save(w)
	return w, nil
}

func deleteEndpoint(c *call) (any, error) {
	w, ok := find[*Endpoint](c.tx, c.path("id"))
	if !ok {
		return nil, missing(kindEndpoint, c.path("id"), "")
	}
	if err := c.params.err(); err != nil {
		return nil, err
	}
	c.remove(w)
	return map[string]any{"id": w.ID, "object": kindEndpoint, "deleted": true}, nil
}

func listEndpoints(c *call) (any, error) {
	return page(c, kindEndpoint, func(*Endpoint) bool { return true })
}
