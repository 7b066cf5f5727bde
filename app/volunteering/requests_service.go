package volunteering

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"slices"
	"time"

	"github.com/google/uuid"

	"tributary/domain/account"
	"tributary/domain/day"
	"tributary/domain/fault"
	"tributary/domain/id"
	"tributary/domain/person"
	"tributary/domain/volunteer"
)

// How many requests may be made within an hour: places are held for each, and a mail is sent.
const (
	requestsPerAddress = 30 // of the network
	requestsPerEmail   = 6
)

// RequestInput is somebody choosing shifts without being signed in.
type RequestInput struct {
	OrgSlug   string
	Shifts    []id.ID[volunteer.Shift]
	FirstName string
	LastName  string
	Email     string
	Phone     string
	BirthDate day.Day // zero: not asked
	Party     int     // how many come, whoever asks included; 0: one
	Waits     bool    // joins the waitlist where a shift is full
	IP        string
}

// RequestOutcome is what a choice of shifts came to before the mail is confirmed. It is the same whoever the address belongs to.
type RequestOutcome struct {
	Organization account.Organization
	Held         []SignUpLine // places held until HoldUntil
	InLine       []SignUpLine // full: these become places in line when the mail is confirmed; they are no sign-ups yet
	Refused      []RefusedShift
	HoldUntil    time.Time
	LinkUntil    time.Time // zero: nothing came of it, so no mail was written
}

// RequestShifts holds places in the chosen shifts, and mails the link that confirms them. Only the shifts are asked here: what stands against the
// person is told to whoever reads their mail. A newer request of an address takes the places over that an older one held.
func (s *Service) RequestShifts(ctx context.Context, in RequestInput) (out RequestOutcome, err error) {
	shifts, errShifts := chosen(in.Shifts)
	q, errWho := in.request(s.now())
	if err := fault.Join(errWho, errShifts); err != nil {
		return out, err
	}
	if err := s.limiter.Allow(ctx, "volunteer_request_address", in.IP, requestsPerAddress, time.Hour); err != nil {
		return out, err
	}
	if err := s.limiter.Allow(ctx, "volunteer_request_email", in.OrgSlug+"\n"+q.EmailNormalized, requestsPerEmail, time.Hour); err != nil {
		return out, err
	}
	org, err := s.organizations.OrganizationBySlug(ctx, in.OrgSlug)
	if err != nil {
		return out, err
	}
	secret := rand.Text()
	q.OrgID, q.TokenHash = org.ID.UUID, secretHash(secret)
	err = s.onRosters(ctx, org, concerned{shifts: shifts}, func(d *desk) error {
		out = RequestOutcome{Organization: org, HoldUntil: q.HoldUntil}
		if err := d.forEverybody(); err != nil {
			return err
		}
		older, err := unconfirmedOf(ctx, d.tx, q.EmailNormalized)
		if err != nil {
			return err
		}
		for _, r := range d.byTime() {
			if err := out.hold(d, r, q, older); err != nil {
				return err
			}
		}
		if len(out.Held)+len(out.InLine) == 0 {
			return nil
		}
		out.LinkUntil = q.ExpiresAt
		q := q
		q.HoldUntil = out.HoldUntil
		letter := requestLetter{request: q, secret: secret, held: shiftsIn(out.Held), full: shiftsIn(out.InLine)}
		if err := insertRequest(ctx, d.tx, q, slices.Concat(letter.held, letter.full)); err != nil {
			return err
		}
		return s.requestMailTx(ctx, d.tx, org, letter)
	})
	return out, err
}

// request is the input as it is kept, checked as the person will be.
func (in RequestInput) request(at time.Time) (volunteer.Request, error) {
	email, normalized, errEmail := account.NormalizeEmail(in.Email)
	p, errPerson := person.New(uuid.Nil, person.Details{FirstName: in.FirstName, LastName: in.LastName, Email: "a@example.org", Phone: in.Phone}, at)
	var errName, errBirth error
	if errPerson == nil && p.FirstName == "" {
		errName = fault.Invalid("first_name", "person.first_name_missing", "Write your first name.")
	}
	q := volunteer.Request{
		ID: id.New[volunteer.Request](), FirstName: p.FirstName, LastName: p.LastName, Email: email, EmailNormalized: normalized, Phone: p.Phone,
		Party: max(1, in.Party), Waits: in.Waits, CreatedAt: at, HoldUntil: at.Add(volunteer.RequestHold), ExpiresAt: at.Add(volunteer.RequestLife),
	}
	if !in.BirthDate.IsZero() {
		errBirth = volunteer.CheckBirthDate(in.BirthDate, at)
		born := in.BirthDate.Start(time.UTC)
		q.BirthDate = &born
	}
	return q, fault.Join(errPerson, errName, errEmail, errBirth, volunteer.CheckParty(q.Party))
}

// hold holds a place in the roster's shift for a request, or notes why not. older are the address's requests that nobody confirmed.
func (o *RequestOutcome) hold(d *desk, r *volunteer.Roster, q volunteer.Request, older map[uuid.UUID]bool) error {
	offer := d.offer(r)
	mine := heldFor(r, older)
	refusals, err := volunteer.Refusals(r, offer.Opportunity, offer.Required, volunteer.Candidate{Party: q.Party, Holds: partyOf(mine)}, d.now)
	full := len(refusals) == 1 && refusals[0].Rule == volunteer.RuleFull
	switch {
	case fault.KindOf(err) == fault.KindConflict:
		o.refuse(r, offer, err)
	case err != nil:
		return err
	case full && q.Waits && mine == nil && lineFull(r):
		o.refuse(r, offer, volunteer.ErrWaitlistFull)
	case full && q.Waits && mine == nil:
		o.InLine = append(o.InLine, SignUpLine{Shift: *r.Shift, Opportunity: offer.Opportunity})
	case len(refusals) > 0:
		o.refuse(r, offer, refusals[0].Fault())
	case o.clashes(*r.Shift):
		o.refuse(r, offer, volunteer.Refusal{Rule: volunteer.RuleOverlap, Message: "You chose another shift at that time. Choose one of them."}.Fault())
	default:
		until := q.HoldUntil
		if mine != nil {
			if r.Shift.Waiting > 0 { // others wait for it: asking again does not hold it longer
				until = *mine.HoldUntil
				o.HoldUntil = earlier(o.HoldUntil, until)
			}
			d.silent[mine.ID] = true
			if err := r.Withdraw(mine.ID, volunteer.BySystem, "chosen anew", d.now); err != nil {
				return err
			}
		}
		u := *r.Add(volunteer.SignUp{RequestID: &q.ID.UUID, Status: volunteer.Held, Party: q.Party, Source: volunteer.FromPublic, HoldUntil: &until}, false, d.now)
		r.Settle(d.now) // which counts the places of the shift in the outcome
		o.Held = append(o.Held, SignUpLine{SignUp: u, Shift: *r.Shift, Opportunity: offer.Opportunity})
	}
	return nil
}

func (o *RequestOutcome) refuse(r *volunteer.Roster, of offer, why error) {
	var all Outcome
	all.refuse(*r.Shift, of.Opportunity, why)
	o.Refused = append(o.Refused, all.Refused...)
}

// clashes reports whether a place is held already in another shift at the same time.
func (o *RequestOutcome) clashes(s volunteer.Shift) bool {
	return slices.ContainsFunc(o.Held, func(l SignUpLine) bool { return l.Shift.StartsAt.Before(s.EndsAt) && s.StartsAt.Before(l.Shift.EndsAt) })
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

// lineFull reports whether nobody may join the waitlist any more.
func lineFull(r *volunteer.Roster) bool {
	most := r.Waitlist.WaitlistMax
	return most != nil && r.Shift.Waiting >= *most
}

// heldFor is the place that a roster holds for one of some requests, nil when there is none.
func heldFor(r *volunteer.Roster, requests map[uuid.UUID]bool) *volunteer.SignUp {
	i := slices.IndexFunc(r.SignUps, func(u volunteer.SignUp) bool {
		return u.Status == volunteer.Held && u.RequestID != nil && requests[*u.RequestID]
	})
	if i < 0 {
		return nil
	}
	return &r.SignUps[i]
}

// partyOf is how many places a sign-up has; 0 when there is none.
func partyOf(u *volunteer.SignUp) int {
	if u == nil {
		return 0
	}
	return u.Party
}

func shiftsIn(lines []SignUpLine) []id.ID[volunteer.Shift] {
	shifts := make([]id.ID[volunteer.Shift], len(lines))
	for i, l := range lines {
		shifts[i] = l.Shift.ID
	}
	return shifts
}

func secretHash(secret string) []byte {
	sum := sha256.Sum256([]byte(secret))
	return sum[:]
}
