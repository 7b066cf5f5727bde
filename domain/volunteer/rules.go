package volunteer

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"tributary/domain/day"
	"tributary/domain/fault"
)

// Rule is one reason why somebody may not sign up for a shift.
type Rule string

// The rules, in the order in which they are asked.
const (
	RuleAlready     Rule = "already_signed_up"
	RuleEnded       Rule = "ended"
	RuleNotYetOpen  Rule = "not_yet_open"
	RuleCutOff      Rule = "cut_off"
	RuleParty       Rule = "party"
	RuleFull        Rule = "full"
	RuleOverlap     Rule = "overlap"
	RuleRequirement Rule = "requirement"
	RuleLockedOut   Rule = "locked_out"
)

// Rules lists every rule in order.
var Rules = []Rule{RuleAlready, RuleEnded, RuleNotYetOpen, RuleCutOff, RuleParty, RuleFull, RuleOverlap, RuleRequirement, RuleLockedOut}

// Overridable reports whether staff may overrule it: all but a second place in the same shift.
func (r Rule) Overridable() bool { return r != RuleAlready && slices.Contains(Rules, r) }

// errTooEarly refuses to call somebody absent who could still come.
var errTooEarly = fault.New(fault.KindConflict, "sign_up.no_show_too_early", "The shift has not started yet.")

// After so many no-shows within so long a person signs up only through staff, until staff forgive them (Profile.NoShowsForgivenAt).
const (
	NoShowLimit  = 2
	NoShowMemory = 180 * 24 * time.Hour
)

// Booking is a shift for which a person already has a place or is offered one.
type Booking struct {
	ShiftID  uuid.UUID
	Title    string // of the opportunity
	StartsAt time.Time
	EndsAt   time.Time
	Offered  bool // not accepted yet
}

// Requirement is what an opportunity asks for besides an age.
type Requirement struct {
	KindID uuid.UUID
	Name   string
}

// Candidate is what the rules ask about the person who wants a place.
type Candidate struct {
	Known       bool      // false: nobody has said yet who they are; only the shift is asked
	SignedUp    bool      // has an active sign-up for the shift
	Party       int       // how many come, the candidate included; 0: one
	Holds       int       // comes for so many places that are held for them: neither the window nor those are asked again
	Bookings    []Booking // other shifts around that time
	BirthDate   *time.Time
	Credentials []Credential
	NoShows     int // that count: see Profile
}

// Refusal is one rule that stands against a sign-up, in words for the volunteer: which rule, and what to do.
type Refusal struct {
	Rule    Rule
	Message string
}

// Fault is the refusal as an error: Conflict, with the code "sign_up." and the rule.
func (r Refusal) Fault() error {
	return fault.New(fault.KindConflict, "sign_up."+string(r.Rule), r.Message)
}

// Refusals lists every rule that stands against c getting a place in the roster's shift, in the order of Rules; none means welcome. It must be
// asked in the transaction that gives the place, under the locks of the person and the shift. A cancelled shift is ErrShiftGone, an
// opportunity that is not published ErrNotPublished or ErrClosed: no one can overrule those.
func Refusals(r *Roster, o Opportunity, required []Requirement, c Candidate, at time.Time) ([]Refusal, error) {
	s := *r.Shift
	switch {
	case s.Status == Cancelled:
		return nil, ErrShiftGone
	case o.Status == Closed:
		return nil, ErrClosed
	case o.Status != Published:
		return nil, ErrNotPublished
	}
	var all []Refusal
	refuse := func(rule Rule, message string, args ...any) {
		all = append(all, Refusal{rule, fmt.Sprintf(message, args...)})
	}
	if c.SignedUp {
		refuse(RuleAlready, "You are already signed up for this shift. You find it under “My shifts”.")
	}
	switch {
	case !s.EndsAt.After(at):
		refuse(RuleEnded, "This shift is over. Choose another one.")
	case c.Holds > 0:
	case s.OpensAt != nil && s.OpensAt.After(at):
		refuse(RuleNotYetOpen, "Sign-up opens on %s. Come back then.", when(*s.OpensAt, s.Location()))
	case !at.Before(s.ClosesAt):
		refuse(RuleCutOff, "Sign-up closed on %s. Please ask the contact whether you can still come.", when(s.ClosesAt, s.Location()))
	}
	party := max(1, c.Party)
	if most := min(o.Together(required), s.Places); party > most && party > c.Holds {
		refuse(RuleParty, "%s", TooMany(most).Message)
	}
	if more := party - c.Holds; more > 0 && r.Full(more) {
		refuse(RuleFull, "%s Join the waitlist, or choose another shift.", r.left(more))
	}
	if !c.Known {
		return all, nil
	}
	for _, b := range c.Bookings {
		if b.ShiftID != s.ID.UUID && b.StartsAt.Before(s.EndsAt) && s.StartsAt.Before(b.EndsAt) {
			refuse(RuleOverlap, "You already help with “%s” at that time, from %s. Cancel that one first, or choose another shift.", b.Title, when(b.StartsAt, s.Location()))
			break
		}
	}
	if missing := missing(s, o, required, c); len(missing) > 0 {
		refuse(RuleRequirement, "%s", strings.Join(missing, " "))
	}
	if c.NoShows >= NoShowLimit {
		refuse(RuleLockedOut, "You missed %d shifts lately. Please write to the contact, who can sign you up.", c.NoShows)
	}
	return all, nil
}

// left says how many places nobody has, to so many who find too few.
func (r *Roster) left(party int) string {
	switch free := r.freeNow(); {
	case free == 0 || free >= party: // free, but others wait for them
		return "All places are taken."
	case free == 1:
		return "Only one place is left. Come alone?"
	default:
		return fmt.Sprintf("Only %d places are left. Come with fewer people?", free)
	}
}

// missing says, a sentence each, what the person lacks on the day of the shift.
func missing(s Shift, o Opportunity, required []Requirement, c Candidate) []string {
	var all []string
	on := s.StartsLocal.Day()
	if o.MinAge > 0 {
		switch {
		case c.BirthDate == nil:
			all = append(all, fmt.Sprintf("You must be at least %d years old: add your date of birth under “My shifts”.", o.MinAge))
		case Age(day.In(*c.BirthDate, time.UTC), on) < o.MinAge:
			all = append(all, fmt.Sprintf("You must be at least %d years old on the day of the shift.", o.MinAge))
		}
	}
	for _, need := range required {
		switch Standing(c.Credentials, need.KindID, on) {
		case Valid:
		case Expired:
			all = append(all, fmt.Sprintf("Your “%s” has expired by then: send us the new one.", need.Name))
		case Unconfirmed:
			all = append(all, fmt.Sprintf("We have not yet confirmed your “%s”: please wait, or write to the contact.", need.Name))
		case Missing:
			all = append(all, fmt.Sprintf("You need “%s”: show it to the contact, who enters it.", need.Name))
		}
	}
	return all
}

// Overruled checks that staff named every rule that stands against a sign-up, and returns the names to be recorded. The first that is not
// named, or that nobody may overrule, is the error.
func Overruled(refusals []Refusal, named []Rule) (Words, error) {
	rules := Words{}
	for _, r := range refusals {
		if !r.Rule.Overridable() || !slices.Contains(named, r.Rule) {
			return nil, r.Fault()
		}
		rules = append(rules, string(r.Rule))
	}
	return rules, nil
}

// Age is how old somebody born on a day is on another; whoever was born on 29 February has their birthday on 1 March of other years.
func Age(born, on day.Day) int {
	age := on.Year() - born.Year()
	if on.Month() < born.Month() || on.Month() == born.Month() && on.DayOfMonth() < born.DayOfMonth() {
		age--
	}
	return age
}

func when(t time.Time, zone *time.Location) string {
	return t.In(zone).Format("Monday 2 January at 15:04 MST")
}
