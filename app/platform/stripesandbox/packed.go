package stripesandbox

import (
	"bytes"
	"compress/flate"
	"encoding/json"
	"io"
	"sync"
)

// packed is JSON text kept small. Most of what a busy sandbox remembers are events and answers, which differ from each other in a few ids
// and amounts: against a dictionary of typical objects they shrink to a tenth.
type packed []byte

// dictionary is text as it stands in events and answers. It is never stored, so it may change.
var dictionary = sync.OnceValue(func() []byte {
	number, text := int64(0), ""
	t := &tx{}
	pm := &PaymentMethod{Row: Row{Object: kindPaymentMethod}, Type: "card", Card: &pmCard{Networks: raw(`{"available":["visa"],"preferred":null}`)}}
	var all bytes.Buffer
	for _, e := range []entity{
		&Customer{Row: Row{Object: kindCustomer}}, pm,
		&Session{Row: Row{Object: kindSession}, CustomerDetails: &customerDetails{Address: &address{}}},
		&PaymentIntent{Row: Row{Object: kindPaymentIntent}, CaptureMethod: "automatic", ConfirmationMethod: "automatic", Currency: "usd", Status: "succeeded"},
		&BalanceTransaction{Row: Row{Object: kindBalanceTx}, FeeDetails: []feeDetail{{Application: &text}}},
		&Charge{
			Row: Row{Object: kindCharge}, ApplicationFee: &number, Calculated: ptr("STRIPE SANDBOX"), Currency: "usd", MethodDetails: methodDetails(pm, 0, false),
			Outcome: &outcome{NetworkStatus: "approved_by_network", RiskLevel: "normal", RiskScore: 12, SellerMessage: "Payment complete.", Type: "authorized"},
		},
	} {
		all.Write(encode(t.render(e)))
	}
	return all.Bytes()
})

// packer compresses one text after the other.
type packer struct {
	out  bytes.Buffer
	flat *flate.Writer
}

var packers = sync.Pool{New: func() any {
	p := &packer{}
	p.flat, _ = flate.NewWriterDict(&p.out, 3, dictionary()) // the level is a legal one
	return p
}}

var unpackers = sync.Pool{New: func() any { return flate.NewReaderDict(bytes.NewReader(nil), dictionary()) }}

func pack(text json.RawMessage) packed {
	p, _ := packers.Get().(*packer)
	defer packers.Put(p)
	p.out.Reset()
	p.flat.Reset(&p.out)
	_, _ = p.flat.Write(text) // memory takes everything
	_ = p.flat.Close()
	return bytes.Clone(p.out.Bytes())
}

func (p packed) text() json.RawMessage {
	if len(p) == 0 {
		return raw("null")
	}
	flat, _ := unpackers.Get().(io.ReadCloser)
	defer unpackers.Put(flat)
	if err := flat.(flate.Resetter).Reset(bytes.NewReader(p), dictionary()); err != nil { //nolint:forcetypeassert // what flate makes can be reset
		panic(err)
	}
	text, err := io.ReadAll(flat)
	if err != nil {
		panic(err) // only pack makes one
	}
	return text
}

// MarshalJSON is the text itself, so that the state file and the API do not know of the packing.
func (p packed) MarshalJSON() ([]byte, error) { return p.text(), nil }

// UnmarshalJSON packs the text.
func (p *packed) UnmarshalJSON(text []byte) error {
	*p = pack(text)
	return nil
}
