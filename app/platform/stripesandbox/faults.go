package stripesandbox

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
)

// FaultKind says what goes wrong.
type FaultKind string

// The kinds of fault. The first three meet API calls, the others webhook deliveries.
const (
	// FaultError answers with Status instead of the result; with Execute the call is carried out all the same.
	FaultError FaultKind = "error"
	// FaultReset carries the call out, keeps its answer, and cuts the connection.
	FaultReset FaultKind = "reset"
	// FaultLatency waits for Delay before the call is carried out; its idempotency key is in use meanwhile.
	FaultLatency FaultKind = "latency"
	// FaultDrop never sends the event: only listing events finds it.
	FaultDrop FaultKind = "drop"
	// FaultDelay sends the event Delay later.
	FaultDelay FaultKind = "delay"
	// FaultDuplicate sends the event twice.
	FaultDuplicate FaultKind = "duplicate"
	// FaultReorder sends two or more events that are due together in the opposite order.
	FaultReorder FaultKind = "reorder"
)

// Fault is something that goes wrong for the next Count calls or deliveries. Faults live in memory: a restart clears them.
type Fault struct {
	ID   int       `json:"id"`
	Kind FaultKind `json:"kind"`
	// Count is how many calls or events it still meets; zero in a request means one.
	Count int `json:"count"`
	// Match narrows it to calls whose "METHOD /path" contains the text, or to events whose type matches (charge.* or a full type).
	Match string `json:"match"`
	// Status and Code are the answer of an error: 409, 429, 500 or 503; code lock_timeout makes a 429 one that stripe-go repeats, as it does
	// each 409 and 503.
	Status  int    `json:"status,omitempty"`
	Code    string `json:"code,omitempty"`
	Execute bool   `json:"execute,omitempty"`
	// Delay belongs to latency and delay.
	Delay time.Duration `json:"delay,omitempty"`
}

type faults struct {
	list   []*Fault
	nextID int
	paused bool
}

var faultStatuses = []int{http.StatusConflict, http.StatusTooManyRequests, http.StatusInternalServerError, http.StatusServiceUnavailable}

func (f *Fault) validate() error {
	switch f.Kind {
	case FaultError:
		if !slices.Contains(faultStatuses, f.Status) {
			return fmt.Errorf("status must be 409, 429, 500 or 503, not %d", f.Status)
		}
	case FaultLatency, FaultDelay:
		if f.Delay <= 0 || f.Delay > 7*24*time.Hour {
			return fmt.Errorf("delay must be positive and at most a week, not %s", f.Delay)
		}
	case FaultReset, FaultDrop, FaultDuplicate, FaultReorder:
	default:
		return fmt.Errorf("kind %q is unknown", f.Kind)
	}
	if f.Count < 0 || f.Count > 10_000 {
		return fmt.Errorf("count must be between 1 and 10000, not %d", f.Count)
	}
	return nil
}

// Inject adds a fault and returns its id.
func (s *Sandbox) Inject(f Fault) (int, error) {
	if err := f.validate(); err != nil {
		return 0, fmt.Errorf("inject fault: %w", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults.nextID++
	f.ID, f.Count = s.faults.nextID, max(f.Count, 1)
	s.faults.list = append(s.faults.list, &f)
	return f.ID, nil
}

// Faults lists the faults still to come.
func (s *Sandbox) Faults() []Fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := make([]Fault, len(s.faults.list))
	for i, f := range s.faults.list {
		list[i] = *f
	}
	return list
}

// ClearFaults removes the fault with that id, or all of them for 0.
func (s *Sandbox) ClearFaults(id int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults.list = slices.DeleteFunc(s.faults.list, func(f *Fault) bool { return id == 0 || f.ID == id })
}

// PauseWebhooks holds every delivery back until it is called with false.
func (s *Sandbox) PauseWebhooks(paused bool) {
	s.mu.Lock()
	s.faults.paused = paused
	s.mu.Unlock()
	s.wakeWorker()
}

func (f *Fault) meetsCalls() bool {
	return f.Kind == FaultError || f.Kind == FaultReset || f.Kind == FaultLatency
}

// use counts one meeting and forgets a fault that is used up.
func (fs *faults) use(f *Fault) {
	if f.Count--; f.Count <= 0 {
		fs.list = slices.DeleteFunc(fs.list, func(other *Fault) bool { return other == f })
	}
}

// takeAPIFault returns a copy of the oldest fault that meets the request.
func (s *Sandbox) takeAPIFault(req *apiRequest) *Fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, f := range s.faults.list {
		if f.meetsCalls() && strings.Contains(req.method+" "+req.path, f.Match) {
			s.faults.use(f)
			return ptr(*f)
		}
	}
	return nil
}

func (f *Fault) apiError() *apiError {
	e := &apiError{status: f.Status, Type: "api_error", Code: f.Code, Message: "An unknown error occurred"}
	switch f.Status {
	case http.StatusConflict:
		e.Type, e.Code = "idempotency_error", cmpOr(f.Code, "idempotency_key_in_use")
		e.Message, e.DocURL = "There is currently another in-progress request using this Stripe Idempotent Key. Please try again later.", docURL(e.Code)
	case http.StatusTooManyRequests:
		e.Type, e.Code = "invalid_request_error", cmpOr(f.Code, "rate_limit")
		e.Message = "Request rate limit exceeded. Learn more about rate limits here https://stripe.com/docs/rate-limits."
		if e.Code == "lock_timeout" {
			e.Message = "This object cannot be accessed right now because another API request or Stripe process is currently accessing it."
		}
		e.DocURL = docURL(e.Code)
	case http.StatusServiceUnavailable:
		e.Message = "Stripe is temporarily unavailable"
	}
	return e
}

// disturb lets the webhook faults at the attempts that are due; an event is met at its first attempt only.
func (fs *faults) disturb(t *tx, attempts []attempt) []attempt {
	for _, f := range slices.Clone(fs.list) {
		if f.meetsCalls() {
			continue
		}
		var met []int
		for i, a := range attempts {
			if a.delivery.Attempts == 0 && a.delivery.State == DeliveryPending && (f.Match == "" || matchesType(f.Match, a.event.Type)) && len(met) < f.Count {
				met = append(met, i)
			}
		}
		if f.Kind == FaultReorder {
			if len(met) < 2 {
				continue // there is nothing to swap yet
			}
			for i, j := 0, len(met)-1; i < j; i, j = i+1, j-1 {
				attempts[met[i]], attempts[met[j]] = attempts[met[j]], attempts[met[i]]
			}
		}
		for _, i := range met {
			f.strike(t, &attempts[i])
			fs.use(f)
		}
		attempts = slices.DeleteFunc(attempts, func(a attempt) bool { return a.copies == 0 })
	}
	return attempts
}

func (f *Fault) strike(t *tx, a *attempt) {
	switch f.Kind {
	case FaultDrop:
		a.delivery.State, a.copies = DeliveryLost, 0
		t.save(a.event)
	case FaultDelay:
		a.delivery.NextAt, a.copies = t.now.Add(f.Delay).UnixMilli(), 0
		t.save(a.event)
	case FaultDuplicate:
		a.copies++
	case FaultReorder, FaultError, FaultReset, FaultLatency:
	}
}
