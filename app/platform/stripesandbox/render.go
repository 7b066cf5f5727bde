package stripesandbox

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"maps"
	"strings"
	"sync"
)

// shapesJSON holds, per kind of object, the keys that Stripe sends and the sandbox never changes.
//
//go:embed shapes/shapes.json
var shapesJSON []byte

var shapes = sync.OnceValue(func() map[string]map[string]any {
	var s map[string]map[string]any
	decode(shapesJSON, &s)
	return s
})

// decode reads JSON that the sandbox itself has written; numbers stay exact.
func decode(data []byte, into any) {
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	if err := d.Decode(into); err != nil {
		panic(err)
	}
}

func encode(v any) json.RawMessage {
	data, err := json.Marshal(v)
	if err != nil {
		panic(err) // only strings, numbers, maps and lists are ever stored
	}
	return data
}

// render returns e as the API shows it.
func (t *tx) render(e entity) map[string]any {
	kind := e.row().Object
	o := maps.Clone(shapes()[kind])
	if o == nil {
		o = map[string]any{}
	}
	var own map[string]any
	decode(encode(e), &own)
	for key, v := range own {
		if !strings.HasPrefix(key, "_") {
			o[key] = v
		}
	}
	switch e := e.(type) {
	case *Customer:
		if e.Deleted {
			return map[string]any{"id": e.ID, "object": kindCustomer, "deleted": true}
		}
	case *BalanceTransaction:
		o["status"] = e.status(t.now.Unix())
	case *Event:
		o["pending_webhooks"] = e.pending()
		o["api_version"] = APIVersion
	case *Dispute:
		moved := []any{}
		for _, id := range e.BalanceTxIDs {
			moved = append(moved, t.render(must[*BalanceTransaction](t, id)))
		}
		o["balance_transactions"] = moved
	case *Session:
		t.renderSession(e, o)
	case *ApplicationFee:
		o["refunds"] = listOf("/v1/application_fees/"+e.ID+"/refunds", []any{}, false)
	case *Account:
		o["external_accounts"] = listOf("/v1/accounts/"+e.ID+"/external_accounts", []any{}, false)
	case *Payout, *Refund, *Charge, *PaymentIntent, *SetupIntent, *PaymentMethod, *Endpoint, *savedResponse:
	}
	return o
}

func listOf(url string, data []any, more bool) map[string]any {
	return map[string]any{"object": "list", "url": url, "has_more": more, "data": data}
}

// expandable names, per kind, the keys that expand[] may name. The value "include" marks a list that is left out unless asked for.
var expandable = map[string]map[string]string{
	kindAccount:       {},
	kindCustomer:      {"default_source": "", "invoice_settings": "", "discount": "", "test_clock": "", "sources": "include", "tax_ids": "include"},
	kindPaymentMethod: {"customer": ""},
	kindPaymentIntent: {
		"application": "", "customer": "", "invoice": "", "latest_charge": "", "on_behalf_of": "", "payment_method": "", "review": "",
		"transfer_data": "", "last_payment_error": "",
	},
	kindSetupIntent: {
		"application": "", "customer": "", "latest_attempt": "", "mandate": "", "on_behalf_of": "", "payment_method": "", "single_use_mandate": "",
	},
	kindCharge: {
		"application": "", "application_fee": "", "balance_transaction": "", "customer": "", "failure_balance_transaction": "",
		"invoice": "", "on_behalf_of": "", "payment_intent": "", "review": "", "source_transfer": "", "transfer_data": "", "refunds": "include",
	},
	kindRefund: {
		"balance_transaction": "", "charge": "", "failure_balance_transaction": "", "payment_intent": "", "source_transfer_reversal": "",
		"transfer_reversal": "",
	},
	kindBalanceTx: {"source": ""},
	kindAppFee:    {"account": "", "application": "", "balance_transaction": "", "charge": "", "originating_transaction": ""},
	kindSession: {
		"customer": "", "invoice": "", "payment_intent": "", "payment_link": "", "setup_intent": "", "subscription": "", "line_items": "include",
	},
	kindPayout:  {"balance_transaction": "", "destination": "", "failure_balance_transaction": "", "original_payout": "", "reversed_by": ""},
	kindDispute: {"charge": "", "payment_intent": ""},
}

// expand replaces, along a path such as latest_charge.balance_transaction, each id by its object.
func (t *tx) expand(o map[string]any, path string) error {
	if strings.Count(path, ".") > 4 {
		return invalid("", "expand", "You cannot expand more than 4 levels of a property. Property: %s", path)
	}
	if !t.expandIn(o, strings.Split(path, ".")) {
		return invalid("", "expand", "This property cannot be expanded (%s). You may want to try expanding another property.", path)
	}
	return nil
}

func (t *tx) expandIn(o map[string]any, keys []string) bool {
	key, rest := keys[0], keys[1:]
	kind, _ := o["object"].(string)
	if allowed, isObject := expandable[kind]; isObject {
		how, ok := allowed[key]
		if !ok {
			return false
		}
		if how == "include" && o[key] == nil {
			o[key] = t.include(o, key)
		}
	}
	if kind == "list" && key != "data" {
		return false
	}
	v, present := o[key]
	if !present {
		return kind != "list" && kind != "" // an optional key that this object happens not to have
	}
	if id, isID := v.(string); isID {
		if e, known := t.db.byID[id]; known {
			v = t.render(e)
			o[key] = v
		}
	}
	return t.expandBelow(v, rest)
}

func (t *tx) expandBelow(v any, keys []string) bool {
	if len(keys) == 0 || v == nil {
		return true
	}
	switch v := v.(type) {
	case map[string]any:
		return t.expandIn(v, keys)
	case []any:
		for _, element := range v {
			if !t.expandBelow(element, keys) {
				return false
			}
		}
		return true
	default:
		return false
	}
}

// include makes a list that an object carries only on demand.
func (t *tx) include(o map[string]any, key string) any {
	id, _ := o["id"].(string)
	switch key {
	case "refunds":
		data := []any{}
		for _, r := range t.refundsOf(id) {
			data = append([]any{t.render(r)}, data...)
		}
		return listOf("/v1/charges/"+id+"/refunds", data, false)
	case "line_items":
		return listOf("/v1/checkout/sessions/"+id+"/line_items", must[*Session](t, id).lineItems(), false)
	default:
		return listOf("/v1/"+key, []any{}, false)
	}
}

// cloneShape is a fresh copy of the fixed keys of a kind.
func cloneShape(kind string) map[string]any { return maps.Clone(shapes()[kind]) }
