package volunteer

import (
	"slices"
	"time"

	"github.com/google/uuid"

	"tributary/domain/id"
)

// Happened is what became of a sign-up, for the mail that tells of it.
type Happened string

// What can become of a sign-up.
const (
	GotPlace       Happened = "confirmed"
	GotInLine      Happened = "waiting"
	GotOffer       Happened = "offered"
	OfferEnded     Happened = "offer_lapsed"    // did not answer in time: the place went on
	HoldEnded      Happened = "hold_lapsed"     // did not confirm the mail in time
	WaitlistClosed Happened = "waitlist_closed" // nothing came free before the cut-off
	Ended          Happened = "cancelled"
	Absent         Happened = "no_show"
)

// Event is one thing that became of one sign-up.
type Event struct {
	What   Happened
	SignUp SignUp
}

// Roster is a shift with everybody who has a place or waits for one. It is the one thing that gives places away. Load it whole, under the
// shift's lock; what it changed is in Changed afterwards.
//
// Invariants, after every method: nobody beyond Places has a place but those staff let in (Over); nobody passes another on the waitlist but
// where the other brings more people than there are free places; and after Settle, before the cut-off, nobody waits for whom there are enough.
type Roster struct {
	Shift    *Shift
	Waitlist Waitlist
	SignUps  []SignUp // the active ones; ended ones stay until saved
	changed  map[id.ID[SignUp]]bool
	events   []Event
}

// Find is the sign-up of that id, nil when it is not on the roster.
func (r *Roster) Find(of id.ID[SignUp]) *SignUp {
	i := slices.IndexFunc(r.SignUps, func(s SignUp) bool { return s.ID == of })
	if i < 0 {
		return nil
	}
	return &r.SignUps[i]
}

// Of is the active sign-up of a person, nil when there is none.
func (r *Roster) Of(person uuid.UUID) *SignUp {
	i := slices.IndexFunc(r.SignUps, func(s SignUp) bool { return s.PersonID != nil && *s.PersonID == person && s.Status.Active() })
	if i < 0 {
		return nil
	}
	return &r.SignUps[i]
}

// Changed lists the sign-ups that differ from what was loaded, new ones included.
func (r *Roster) Changed() []SignUp {
	var all []SignUp
	for _, s := range r.SignUps {
		if r.changed[s.ID] {
			all = append(all, s)
		}
	}
	return all
}

// Events lists what became of sign-ups, in order.
func (r *Roster) Events() []Event { return r.events }

// Full reports whether so many who come now together get no place: too few are free, or others wait for them.
func (r *Roster) Full(party int) bool {
	free := r.freeNow()
	return free < party || slices.ContainsFunc(r.line(), func(s *SignUp) bool { return s.Party <= free })
}

// Position is the place in line of a waiting sign-up, from 1; 0 for any other.
func (r *Roster) Position(of id.ID[SignUp]) int {
	for i, s := range r.line() {
		if s.ID == of {
			return i + 1
		}
	}
	return 0
}

// Add gives a new sign-up its places, as confirmed or held, or what is missing of them beyond the places when over. The caller has asked Refusals,
// under the same lock.
func (r *Roster) Add(s SignUp, over bool, at time.Time) *SignUp {
	if over {
		s.Over = max(0, max(1, s.Party)-r.freeNow())
	}
	return r.append(s, at)
}

// Wait puts a new sign-up at the end of the line. It returns ErrWaitlistFull, and TooMany for more people than there are places in all.
func (r *Roster) Wait(s SignUp, at time.Time) (*SignUp, error) {
	if most := r.Waitlist.WaitlistMax; most != nil && len(r.line()) >= *most {
		return nil, ErrWaitlistFull
	}
	if s.Party > r.Shift.Places {
		return nil, TooMany(r.Shift.Places)
	}
	s.Status, s.HoldUntil = Waiting, nil
	return r.append(s, at), nil
}

func (r *Roster) append(s SignUp, at time.Time) *SignUp {
	s.OrgID, s.ShiftID, s.Rank, s.Version, s.CreatedAt = r.Shift.OrgID, r.Shift.ID, r.lastRank()+1, 1, at
	s.Party = max(1, s.Party)
	if s.ID.IsZero() {
		s.ID = id.New[SignUp]()
	}
	if s.Overrides == nil {
		s.Overrides = Words{}
	}
	r.SignUps = append(r.SignUps, s)
	added := &r.SignUps[len(r.SignUps)-1]
	r.touch(added, at)
	switch added.Status {
	case Confirmed:
		r.tell(GotPlace, *added)
	case Waiting:
		r.tell(GotInLine, *added)
	case Held, Offered, In, Done, NoShow, Withdrawn, Lapsed:
	}
	return added
}

// Confirm makes a held place that of a person, once they have confirmed their mail. It returns ErrNotWaiting when the hold has ended.
func (r *Roster) Confirm(of id.ID[SignUp], person uuid.UUID, at time.Time) error {
	s := r.Find(of)
	if s == nil || s.Status != Held || !s.HoldUntil.After(at) {
		return ErrNotWaiting
	}
	s.PersonID, s.Status, s.HoldUntil = &person, Confirmed, nil
	r.touch(s, at)
	r.tell(GotPlace, *s)
	return nil
}

// Accept takes the place that is held for somebody on the waitlist. It returns ErrNotWaiting when the hold has ended.
func (r *Roster) Accept(of id.ID[SignUp], at time.Time) error {
	s := r.Find(of)
	if s == nil || s.Status != Offered || !s.HoldUntil.After(at) {
		return ErrNotWaiting
	}
	s.Status, s.HoldUntil = Confirmed, nil
	r.touch(s, at)
	r.tell(GotPlace, *s)
	return nil
}

// Withdraw ends an active sign-up. Volunteers may until the shift's CancelUntil, while they only hold or wait always.
func (r *Roster) Withdraw(of id.ID[SignUp], by By, reason string, at time.Time) error {
	s := r.Find(of)
	if s == nil || !s.Status.Active() || s.Status == Done {
		return ErrNotActive
	}
	if by == ByVolunteer && (s.Status == In || s.Status == Confirmed && !at.Before(r.Shift.CancelUntil)) {
		return ErrCancelTooLate
	}
	if err := block(&s.EndReason, "reason", reason, 500); err != nil {
		return err
	}
	s.Status, s.HoldUntil, s.EndedBy = Withdrawn, nil, by
	r.touch(s, at)
	r.tell(Ended, *s)
	return nil
}

// Resize says that another number of people comes on a sign-up, the person included. Fewer free places at once. More takes free ones: volunteers
// are refused when there are too few (ErrTooFewFree), staff let the rest in beyond the places.
func (r *Roster) Resize(of id.ID[SignUp], party int, by By, at time.Time) error {
	s := r.Find(of)
	switch {
	case s == nil || s.Status != Confirmed && s.Status != Waiting && (s.Status != In && s.Status != Offered || by == ByVolunteer):
		return ErrNotActive
	case by == ByVolunteer && s.Status == Confirmed && !at.Before(r.Shift.CancelUntil):
		return ErrCancelTooLate
	case s.Status == Waiting && party > r.Shift.Places:
		return TooMany(r.Shift.Places)
	case CheckParty(party) != nil:
		return errParty
	case party == s.Party:
		return nil
	}
	if more := party - s.Party; by == ByVolunteer && s.Status.TakesPlace() && more > max(0, r.freeNow()) {
		return ErrTooFewFree
	}
	r.size(s, party)
	r.touch(s, at)
	return nil
}

// size makes a party as large as that, in free places or beyond the places.
func (r *Roster) size(s *SignUp, party int) {
	more := party - s.Party
	missing := more - r.freeNow()
	s.Party = party
	if !s.Status.TakesPlace() {
		return
	}
	s.Over = max(0, s.Over+min(0, more)) // those beyond the places are the first who need not come
	r.over(s, missing)
	if more < 0 && s.Over == 0 {
		s.Overrides = slices.DeleteFunc(s.Overrides, func(rule string) bool { return rule == string(RuleFull) })
	}
}

// MarkNoShow notes that somebody with a place did not come, which frees the place at once.
func (r *Roster) MarkNoShow(of id.ID[SignUp], note string, at time.Time) error {
	s := r.Find(of)
	if s == nil || s.Status != Confirmed {
		return ErrNotActive
	}
	if at.Before(r.Shift.StartsAt) {
		return errTooEarly
	}
	if err := block(&s.NoShowNote, "note", note, 500); err != nil {
		return err
	}
	s.Status = NoShow
	r.touch(s, at)
	r.tell(Absent, *s)
	return nil
}

// Count notes how many came, by a look at an instant, before or after they were checked in; an older look does not change the number. Staff let
// those beyond the places in.
func (r *Roster) Count(of id.ID[SignUp], party int, seen, at time.Time) error {
	s := r.Find(of)
	switch {
	case s == nil:
		return ErrSignUp
	case CheckParty(party) != nil:
		return errParty
	case s.CountedAt != nil && seen.Before(*s.CountedAt):
		return nil
	}
	if s.Status != In && s.Status != Done {
		s.WasParty = s.Party
	}
	s.CountedAt = &seen
	r.size(s, party)
	r.touch(s, at)
	return nil
}

// CheckIn notes that somebody is there since an instant. Whoever had no place, or lost it, gets one, beyond the places when none is free. A
// place that nobody has confirmed yet belongs to nobody: ErrNotActive. Doing so twice is the same.
func (r *Roster) CheckIn(of id.ID[SignUp], since, at time.Time) error {
	s := r.Find(of)
	switch {
	case s == nil:
		return ErrSignUp
	case s.Status == In:
		return nil
	case s.Status == Done:
		return ErrLeft
	case s.PersonID == nil:
		return ErrNotActive
	}
	s.Was = s.Status
	if s.WasParty == 0 {
		s.WasParty = s.Party
	}
	if s.Status == Offered { // coming is accepting
		s.Was = Confirmed
	}
	if !s.Status.TakesPlace() {
		r.letIn(s)
	}
	s.Status, s.HoldUntil, s.CheckedInAt = In, nil, &since
	r.touch(s, at)
	return nil
}

// letIn gives somebody without places free ones, or what is missing beyond the places, which names the rule that it breaks.
func (r *Roster) letIn(s *SignUp) {
	s.Over = 0
	r.over(s, s.Party-r.freeNow())
}

// over lets so many more of a party in beyond the places; fewer than one: none.
func (r *Roster) over(s *SignUp, more int) {
	if more <= 0 {
		return
	}
	s.Over += more
	if !slices.Contains(s.Overrides, string(RuleFull)) {
		s.Overrides = append(s.Overrides, string(RuleFull))
	}
}

// CheckOut notes that somebody left at an instant, which is never before they came. Doing so twice is the same.
func (r *Roster) CheckOut(of id.ID[SignUp], left, at time.Time) error {
	s := r.Find(of)
	if s == nil || s.Status != In && s.Status != Done {
		return ErrNotThere
	}
	if s.Status == Done {
		return nil
	}
	if left.Before(*s.CheckedInAt) {
		left = *s.CheckedInAt
	}
	s.Status, s.CheckedOutAt = Done, &left
	r.touch(s, at)
	return nil
}

// Undo takes the last of check-in, check-out and no-show back: whoever is not there after all stands as before. The sign-up of a walk-in ends.
func (r *Roster) Undo(of id.ID[SignUp], at time.Time) error {
	s := r.Find(of)
	switch {
	case s == nil:
		return ErrSignUp
	case s.Status == Done:
		s.Status, s.CheckedOutAt = In, nil
	case s.Status == In && s.Source == FromWalkIn:
		s.Status, s.CheckedInAt, s.EndedBy = Withdrawn, nil, ByStaff
	case s.Status == In:
		s.Status, s.CheckedInAt, s.CountedAt = s.Was, nil, nil
		if s.WasParty > 0 {
			r.size(s, s.WasParty)
			s.WasParty = 0
		}
		if !s.Status.TakesPlace() {
			s.Over, s.Overrides = 0, slices.DeleteFunc(s.Overrides, func(rule string) bool { return rule == string(RuleFull) })
		}
	case s.Status == NoShow:
		r.letIn(s) // somebody else may have the place by now
		s.Status, s.NoShowNote = Confirmed, ""
	default:
		return ErrNoUndo
	}
	r.touch(s, at)
	return nil
}

// Move puts a waiting sign-up at a position of the line, from 1.
func (r *Roster) Move(of id.ID[SignUp], position int, at time.Time) error {
	line := r.line()
	from := slices.IndexFunc(line, func(s *SignUp) bool { return s.ID == of })
	if from < 0 {
		return ErrNotActive
	}
	ranks := make([]int64, len(line))
	for i, s := range line {
		ranks[i] = s.Rank
	}
	moved := line[from]
	line = slices.Insert(slices.Delete(line, from, from+1), within(position, 1, len(ranks))-1, moved)
	for i, s := range line {
		if s.Rank != ranks[i] {
			s.Rank = ranks[i]
			r.touch(s, at)
		}
	}
	return nil
}

// CallOff ends every sign-up of a cancelled shift, without an event for each: one notice tells all of them.
func (r *Roster) CallOff(at time.Time) {
	for i := range r.SignUps {
		if s := &r.SignUps[i]; s.Status.Active() && s.Status != Done && s.Status != In {
			s.Status, s.HoldUntil, s.EndedBy, s.EndReason = Withdrawn, nil, BySystem, "shift cancelled"
			r.touch(s, at)
		}
	}
}

// Settle ends holds that ran out, offers free places to the first in line, and closes the waitlist when sign-up has closed. Every change of
// a shift ends with it. It also counts Taken, Waiting and Over of the shift.
func (r *Roster) Settle(at time.Time) {
	for i := range r.SignUps {
		s := &r.SignUps[i]
		if s.HoldUntil == nil || s.HoldUntil.After(at) {
			continue
		}
		what := HoldEnded
		if s.Status == Offered {
			what = OfferEnded
		}
		s.Status, s.HoldUntil = Lapsed, nil
		r.touch(s, at)
		r.tell(what, *s)
	}
	closed, free := !at.Before(r.Shift.ClosesAt), r.freeNow()
	for _, s := range r.line() {
		switch {
		case closed || r.Shift.Status == Cancelled:
			s.Status = Lapsed
			r.touch(s, at)
			r.tell(WaitlistClosed, *s)
		case s.Party <= free:
			free -= s.Party
			until := r.offerUntil(at)
			s.Status, s.HoldUntil = Offered, &until
			r.touch(s, at)
			r.tell(GotOffer, *s)
		}
	}
	r.count()
}

// Alarm is when Settle next has something to do by itself; nil for never.
func (r *Roster) Alarm() *time.Time {
	var first *time.Time
	sooner := func(t time.Time) {
		if first == nil || t.Before(*first) {
			first = &t
		}
	}
	for _, s := range r.SignUps {
		if s.HoldUntil != nil {
			sooner(*s.HoldUntil)
		}
		if s.Status == Waiting {
			sooner(r.Shift.ClosesAt)
		}
	}
	return first
}

// shortestOffer is the least time somebody gets to answer, when sign-up is open that long.
const shortestOffer = 30 * time.Minute

// offerUntil leaves time for the next in line, should the first not answer: a quarter of what is left until the cut-off at most.
func (r *Roster) offerUntil(at time.Time) time.Time {
	left := r.Shift.ClosesAt.Sub(at)
	hold := min(time.Duration(r.Waitlist.OfferHours)*time.Hour, max(shortestOffer, left/4), left)
	return at.Add(hold)
}

// line is who waits, the first first.
func (r *Roster) line() []*SignUp {
	var line []*SignUp
	for i := range r.SignUps {
		if r.SignUps[i].Status == Waiting {
			line = append(line, &r.SignUps[i])
		}
	}
	slices.SortFunc(line, func(a, b *SignUp) int { return int(a.Rank - b.Rank) })
	return line
}

func (r *Roster) lastRank() (last int64) {
	for _, s := range r.SignUps {
		last = max(last, s.Rank)
	}
	return last
}

func (r *Roster) freeNow() int {
	r.count()
	return r.Shift.Free()
}

func (r *Roster) count() {
	taken, waiting, over := 0, 0, 0
	for _, s := range r.SignUps {
		switch {
		case s.Status == Waiting:
			waiting++
		case s.Status.TakesPlace():
			taken += s.Party
			over += s.Over
		}
	}
	r.Shift.Taken, r.Shift.Waiting, r.Shift.Over = taken, waiting, over
}

func (r *Roster) touch(s *SignUp, at time.Time) {
	if r.changed == nil {
		r.changed = map[id.ID[SignUp]]bool{}
	}
	if !r.changed[s.ID] && !s.UpdatedAt.IsZero() {
		s.Version++
	}
	s.UpdatedAt = at
	r.changed[s.ID] = true
}

func (r *Roster) tell(what Happened, s SignUp) { r.events = append(r.events, Event{what, s}) }
