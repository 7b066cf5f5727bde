package volunteering

import (
	"context"
	"fmt"

	"github.com/google/uuid"

	"tributary/app/platform/database"
	"tributary/domain/account"
	"tributary/domain/id"
	"tributary/domain/volunteer"
)

// tellTx writes the mails about what became of sign-ups, but for those of whom another mail tells (desk.silent). What was overtaken in the
// same change, such as an offer accepted at once, is not told; nor what happens to a shift that is over.
func (s *Service) tellTx(ctx context.Context, d *desk, r *volunteer.Roster) error {
	var events []volunteer.Event
	var people []uuid.UUID
	for _, e := range r.Events() {
		if e.SignUp.PersonID == nil || d.silent[e.SignUp.ID] || !r.Shift.EndsAt.After(d.now) || !stands(e, r) {
			continue
		}
		events, people = append(events, e), append(people, *e.SignUp.PersonID)
	}
	if len(events) == 0 {
		return nil
	}
	to, err := recipientsOf(ctx, d.tx, people)
	if err != nil {
		return err
	}
	for _, e := range events {
		l := s.letterOf(d, r, e)
		l.to, l.key = to[*e.SignUp.PersonID], fmt.Sprintf("%s:%d", e.SignUp.ID, e.SignUp.Version)
		if l.template == "" {
			continue
		}
		if err := s.mailTx(ctx, d.tx, d.org, l); err != nil {
			return fmt.Errorf("mail about sign-up %s: %w", e.SignUp.ID, err)
		}
	}
	return nil
}

// stands reports whether what happened still holds at the end of the change.
func stands(e volunteer.Event, r *volunteer.Roster) bool {
	now := r.Find(e.SignUp.ID)
	if now == nil {
		return false
	}
	switch e.What {
	case volunteer.GotPlace:
		return now.Status == volunteer.Confirmed
	case volunteer.GotInLine:
		return now.Status == volunteer.Waiting
	case volunteer.GotOffer:
		return now.Status == volunteer.Offered
	case volunteer.Ended:
		return now.Status == volunteer.Withdrawn
	case volunteer.OfferEnded, volunteer.WaitlistClosed:
		return now.Status == volunteer.Lapsed
	case volunteer.HoldEnded, volunteer.Absent:
	}
	return false
}

// letterOf says which mail tells of an event, without its reader.
func (s *Service) letterOf(d *desk, r *volunteer.Roster, e volunteer.Event) letter {
	u := e.SignUp
	l := letter{view: mailView{Shifts: []shiftWords{s.words(d.org, told{*r.Shift, d.offer(r).Opportunity, u.Party})}}}
	switch e.What {
	case volunteer.GotPlace:
		l.template, l.calendar = "sign_up_confirmed", []id.ID[volunteer.SignUp]{u.ID}
		l.view.CancelUntil, l.view.Swapped = cancelUntil(d, *r.Shift), u.Source == volunteer.FromSwap
	case volunteer.GotInLine:
		l.template, l.view.Position = "sign_up_waiting", r.Position(u.ID)
	case volunteer.GotOffer:
		l.template, l.view.ActURL, l.view.Until = "sign_up_offered", s.offerURL(d.org, u.ID), moment(*u.HoldUntil, r.Shift.Location())
	case volunteer.OfferEnded:
		l.template, l.view.ActURL = "sign_up_offer_lapsed", s.finderURL(d.org)
	case volunteer.WaitlistClosed:
		l.template, l.view.ActURL = "sign_up_waitlist_closed", s.finderURL(d.org)
	case volunteer.Ended:
		l.template, l.view.ActURL = "sign_up_cancelled", s.finderURL(d.org)
		l.view.Was, l.view.ByVolunteer = string(d.before[u.ID]), u.EndedBy == volunteer.ByVolunteer
		if u.EndedBy == volunteer.ByStaff {
			l.view.Reason = u.EndReason
		}
		if d.before[u.ID] == volunteer.Confirmed {
			l.calendar = []id.ID[volunteer.SignUp]{u.ID}
		}
	case volunteer.HoldEnded, volunteer.Absent:
	}
	return l
}

// cancelUntil says how long a place can be given back online; empty when it is too late for that.
func cancelUntil(d *desk, s volunteer.Shift) string {
	if !s.CancelUntil.After(d.now) {
		return ""
	}
	return moment(s.CancelUntil, s.Location())
}

// confirmedMailTx writes one mail about all the places and positions in line that a person got at once, on an open desk, and silences those
// about each of them.
func (s *Service) confirmedMailTx(ctx context.Context, d *desk, person uuid.UUID, signUps []id.ID[volunteer.SignUp]) error {
	l := letter{template: "sign_up_confirmed"}
	for _, of := range signUps {
		r, u := d.find(of)
		if u == nil {
			continue
		}
		if l.key == "" {
			l.key = fmt.Sprintf("%s:%d", u.ID, u.Version)
		}
		d.silent[u.ID] = true
		w := s.words(d.org, told{*r.Shift, d.offer(r).Opportunity, u.Party})
		if u.Status == volunteer.Waiting {
			l.view.Line = append(l.view.Line, lineWords{w, r.Position(u.ID)})
			continue
		}
		l.view.Shifts, l.calendar = append(l.view.Shifts, w), append(l.calendar, u.ID)
		l.view.CancelUntil = cancelUntil(d, *r.Shift)
	}
	switch len(l.view.Shifts) {
	case 0:
		if len(l.view.Line) == 0 {
			return nil
		}
		l.template = "sign_up_waiting"
	case 1:
	default:
		l.view.CancelUntil = "" // each has its own
	}
	to, err := recipientsOf(ctx, d.tx, []uuid.UUID{person})
	if err != nil {
		return err
	}
	l.to = to[person]
	return s.mailTx(ctx, d.tx, d.org, l)
}

// find is a sign-up on the desk with its roster; nil when it is on none.
func (d *desk) find(of id.ID[volunteer.SignUp]) (*volunteer.Roster, *volunteer.SignUp) {
	for _, r := range d.rosters {
		if u := r.Find(of); u != nil {
			return r, u
		}
	}
	return nil, nil
}

// Mails to strangers are found again by the request or offer that they ask to confirm.
func requestMails(requests ...uuid.UUID) []string { return mailKeys("sign_up_request", requests) }

func helpMails(offers ...uuid.UUID) []string { return mailKeys("help_request", offers) }

func mailKeys(template string, of []uuid.UUID) []string {
	keys := make([]string, len(of))
	for i, u := range of {
		keys[i] = template + ":" + u.String()
	}
	return keys
}

// requestLetter is the mail that asks somebody, of whom only the address is known, to confirm the shifts they chose.
type requestLetter struct {
	request volunteer.Request
	secret  string
	held    []id.ID[volunteer.Shift]
	full    []id.ID[volunteer.Shift]
}

// requestMailTx writes the mail with the link that confirms shifts. It calls nobody by the name that was typed: anybody can type anything
// there together with anybody's address.
func (s *Service) requestMailTx(ctx context.Context, tx database.Tx, org account.Organization, r requestLetter) error {
	shifts, err := shiftsWithOffers(ctx, tx, append(append([]id.ID[volunteer.Shift]{}, r.held...), r.full...))
	if err != nil {
		return err
	}
	l := letter{
		template: "sign_up_request", key: r.request.ID.String(), to: recipient{Email: r.request.Email}, secret: true,
		why: "You get this mail because somebody entered this address to sign up for shifts of " + org.Name + ".",
	}
	asked := func(of id.ID[volunteer.Shift]) shiftWords {
		at := shifts[of]
		at.Party = r.request.Party
		return s.words(org, at)
	}
	for _, of := range r.held {
		if l.view.Until == "" {
			l.view.Until = moment(r.request.HoldUntil, shifts[of].Shift.Location())
		}
		l.view.Shifts = append(l.view.Shifts, asked(of))
	}
	for _, of := range r.full {
		l.view.Line = append(l.view.Line, lineWords{Shift: asked(of)})
	}
	l.view.Waits, l.view.ActURL = r.request.Waits, s.confirmURL(org, r.secret)
	return s.mailTx(ctx, tx, org, l)
}
