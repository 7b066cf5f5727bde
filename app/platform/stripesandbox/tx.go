package stripesandbox

import (
	"container/heap"
	"crypto/rand"
	"encoding/json"
	"errors"
	"log/slog"
	"slices"
	"time"
)

// tx is one change of the sandbox's state, made under its mutex. What it touched is written to the log when it ends, also when it ends with
// an error: a declined card leaves a failed charge. So everything that can refuse a request comes before the first save.
type tx struct {
	s       *Sandbox
	db      *database
	now     time.Time
	outside time.Time // now without the jumps of the panel
	account string    // whose objects the request sees
	baseURL string    // of the pages, for the links in objects
	request eventRequest
	changed []entity
	saved   map[entity]bool // what changed holds
	gone    []string
}

// update runs fn as one transaction. The error is fn's, or says that the state file cannot be written.
func (s *Sandbox) update(fn func(t *tx) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.updateLocked(fn)
}

func (s *Sandbox) updateLocked(fn func(t *tx) error) error {
	t := &tx{s: s, db: s.db, now: s.clock(), outside: s.opts.Now(), account: s.db.platformID, baseURL: s.opts.BaseURL}
	t.sweep()
	err := fn(t)
	if len(t.changed)+len(t.gone) == 0 {
		return err
	}
	if writeErr := s.db.write(t.changed, t.gone); writeErr != nil {
		s.opts.Logger.Error("stripe sandbox cannot write its state", slog.Any("error", writeErr))
		return errors.Join(writeErr, err)
	}
	s.wakeWorker()
	return err
}

// create gives e its id, time and owner, and stores it.
func (t *tx) create(e entity, kind, prefix string) {
	r := e.row()
	if r.ID == "" {
		r.ID = prefix + randomText(24)
	}
	r.Object, r.Created = kind, t.now.Unix()
	if r.Account == "" {
		r.Account = t.account
	}
	t.db.seq++
	r.Seq = t.db.seq
	t.db.put(e)
	t.save(e)
}

// save marks e as changed, to be written when the transaction ends.
func (t *tx) save(e entity) {
	t.db.own(e)
	if t.saved[e] {
		return
	}
	if t.saved == nil {
		t.saved = map[entity]bool{}
	}
	t.saved[e] = true
	t.changed = append(t.changed, e)
}

func (t *tx) remove(e entity) {
	t.db.remove(e.row().ID)
	t.gone = append(t.gone, e.row().ID)
	delete(t.saved, e)
	t.changed = slices.DeleteFunc(t.changed, func(c entity) bool { return c == e })
}

// find returns the object with that id if it is a T of the account.
func find[T entity](t *tx, id string) (T, bool) {
	e, ok := t.db.byID[id].(T)
	if !ok || e.row().Account != t.account {
		var none T
		return none, false
	}
	return e, true
}

// must is find for ids that the sandbox itself has stored.
func must[T entity](t *tx, id string) T {
	e, _ := t.db.byID[id].(T)
	return e
}

// all returns every T of the account, oldest first.
func all[T entity](t *tx, kind string) []T {
	var found []T
	for _, e := range t.db.byKind[kind] {
		if e.row().Account == t.account {
			found = append(found, e.(T)) //nolint:forcetypeassert // a kind holds one type
		}
	}
	return found
}

// as runs fn with the objects of another account in sight.
func (t *tx) as(account string, fn func()) {
	own := t.account
	t.account = account
	fn()
	t.account = own
}

// platform makes sure that the platform's account exists.
func (t *tx) platform() {
	if t.db.platformID == "" {
		t.newAccount(&Account{Platform: true, Type: "standard"})
	}
	t.account = t.db.platformID
}

func (t *tx) newAccount(a *Account) *Account {
	if a.ID == "" {
		a.ID = "acct_" + randomText(16)
	}
	if a.Country == "" {
		a.Country = "US"
	}
	if a.Currency == "" {
		a.Currency = "usd"
	}
	if a.Metadata == nil {
		a.Metadata = map[string]string{}
	}
	a.Account = t.db.platformID // connected accounts are the platform's objects
	if a.Platform {
		a.Account = a.ID
	}
	t.create(a, kindAccount, "acct_")
	return a
}

func (t *tx) isConnected() bool { return t.account != t.db.platformID }

const idAlphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

// randomText returns n letters and digits, as in Stripe's ids.
func randomText(n int) string {
	text := make([]byte, n)
	_, _ = rand.Read(text) // never fails
	for i, b := range text {
		text[i] = idAlphabet[int(b)%len(idAlphabet)]
	}
	return string(text)
}

func ptr[T any](v T) *T { return &v }

// value is *p, or the zero value where p is nil.
func value[T any](p *T) T {
	if p == nil {
		var zero T
		return zero
	}
	return *p
}

func raw(text string) json.RawMessage { return json.RawMessage(text) }

// due is an object with something to do at a time.
type due struct {
	at int64 // milliseconds
	id string
}

// agenda is a heap of what falls due, soonest first. It is rebuilt from the objects, so it is never stored.
type agenda []due

func (a agenda) Len() int           { return len(a) }
func (a agenda) Less(i, j int) bool { return a[i].at < a[j].at }
func (a agenda) Swap(i, j int)      { a[i], a[j] = a[j], a[i] }

// Push is for container/heap.
func (a *agenda) Push(x any) { *a = append(*a, x.(due)) } //nolint:forcetypeassert // only heap.Push(due) calls it

// Pop is for container/heap.
func (a *agenda) Pop() any {
	last := (*a)[len(*a)-1]
	*a = (*a)[:len(*a)-1]
	return last
}

// schedule notes that the object has something to do at a time.
func (t *tx) schedule(at int64, e entity) { heap.Push(&t.db.agenda, due{at, e.row().ID}) }

// sweep does what has fallen due. Each object checks for itself whether it still applies, so a stale entry of the agenda is harmless.
func (t *tx) sweep() {
	t.db.forget(t.now, t.outside)
	now := t.now.UnixMilli()
	for len(t.db.agenda) > 0 && t.db.agenda[0].at <= now {
		item, _ := heap.Pop(&t.db.agenda).(due)
		e, ok := t.db.byID[item.id]
		if !ok {
			continue
		}
		own := t.account
		t.account = e.row().Account
		switch e := e.(type) {
		case *Session:
			t.sessionDue(e)
		case *Charge:
			t.chargeDue(e)
		case *Refund:
			t.refundDue(e)
		case *Payout:
			t.payoutDue(e)
		}
		t.account = own
	}
}

// agendaOf rebuilds the agenda from the stored objects.
func agendaOf(d *database) agenda {
	var a agenda
	for _, e := range d.byKind[kindSession] {
		if session, ok := e.(*Session); ok && session.Status == "open" {
			a = append(a, due{session.ExpiresAt * 1000, session.ID})
		}
	}
	for _, e := range d.byKind[kindCharge] {
		charge, ok := e.(*Charge)
		if ok && charge.FeeAt > 0 {
			a = append(a, due{charge.FeeAt, charge.ID})
		}
		if ok && charge.SettleAt > 0 {
			a = append(a, due{charge.SettleAt, charge.ID})
		}
	}
	for _, e := range d.byKind[kindRefund] {
		if refund, ok := e.(*Refund); ok && refund.SettleAt > 0 {
			a = append(a, due{refund.SettleAt, refund.ID})
		}
	}
	for _, e := range d.byKind[kindPayout] {
		if payout, ok := e.(*Payout); ok && payout.Status == "in_transit" {
			a = append(a, due{payout.ArrivalDate * 1000, payout.ID})
		}
	}
	heap.Init(&a)
	return a
}
