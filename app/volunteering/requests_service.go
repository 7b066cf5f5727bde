package volunteering

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/google/uuid"

	"tributary/app/people"
	"tributary/app/platform/database"
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
		Waits: in.Waits, CreatedAt: at, HoldUntil: at.Add(volunteer.RequestHold), ExpiresAt: at.Add(volunteer.RequestLife),
	}
	if !in.BirthDate.IsZero() {
		errBirth = volunteer.CheckBirthDate(in.BirthDate, at)
		born := in.BirthDate.Start(time.UTC)
		q.BirthDate = &born
	}
	return q, fault.Join(errPerson, errName, errEmail, errBirth)
}

// hold holds a place in the roster's shift for a request, or notes why not. older are the address's requests that nobody confirmed.
func (o *RequestOutcome) hold(d *desk, r *volunteer.Roster, q volunteer.Request, older map[uuid.UUID]bool) error {
	offer := d.offer(r)
	mine := heldFor(r, older)
	refusals, err := volunteer.Refusals(r, offer.Opportunity, nil, volunteer.Candidate{HoldsPlace: mine != nil}, d.now)
	full := len(refusals) == 1 && refusals[0].Rule == volunteer.RuleFull
	switch {
	case fault.KindOf(err) == fault.KindConflict:
		o.refuse(r, offer, err)
	case err != nil:
		return err
	case full && q.Waits && lineFull(r):
		o.refuse(r, offer, volunteer.ErrWaitlistFull)
	case full && q.Waits:
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
		u := r.Add(volunteer.SignUp{RequestID: &q.ID.UUID, Status: volunteer.Held, Source: volunteer.FromPublic, HoldUntil: &until}, false, d.now)
		o.Held = append(o.Held, SignUpLine{SignUp: *u, Shift: *r.Shift, Opportunity: offer.Opportunity})
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

// RequestCheck is what a mailed link would confirm.
type RequestCheck struct {
	Organization account.Organization
	Request      volunteer.Request // ConfirmedAt: it was done already
	Held         []SignUpLine
	Others       []SignUpLine // nothing is held in these any more, or they were full: the rules decide at confirmation
}

// CheckRequest is what a link would confirm. Looking uses nothing up: programs that scan mail follow links. A link that no longer works is
// volunteer.ErrLinkSpent.
func (s *Service) CheckRequest(ctx context.Context, orgSlug, secret string) (check RequestCheck, err error) {
	if check.Organization, err = s.organizations.OrganizationBySlug(ctx, orgSlug); err != nil {
		return check, err
	}
	err = s.db.Read(ctx, database.Tenant(check.Organization.ID.UUID), func(r database.Reader) error {
		check.Held, check.Others = nil, nil
		if check.Request, err = requestBy(ctx, r, secretHash(secret), s.now()); err != nil {
			return err
		}
		wishes, err := wishesOf(ctx, r, check.Request.ID)
		if err != nil {
			return err
		}
		at, err := occasionsOf(ctx, r, wished(wishes))
		if err != nil {
			return err
		}
		held, err := heldByRequest(ctx, r, check.Request.ID, s.now())
		if err != nil {
			return err
		}
		for _, w := range wishes {
			line := SignUpLine{SignUp: held[w.ShiftID], Shift: at[w.ShiftID].Shift, Opportunity: at[w.ShiftID].Opportunity}
			if line.ID.IsZero() {
				check.Others = append(check.Others, line)
			} else {
				check.Held = append(check.Held, line)
			}
		}
		return nil
	})
	return check, err
}

func wished(wishes []wish) []id.ID[volunteer.Shift] {
	shifts := make([]id.ID[volunteer.Shift], len(wishes))
	for i, w := range wishes {
		shifts[i] = w.ShiftID
	}
	return shifts
}

// Confirmed is what became of a request whose mail was confirmed.
type Confirmed struct {
	Organization account.Organization
	Person       person.Person
	Outcome
	Entry people.Entry // lets the browser in; without a token when the link was used too long ago for that
}

// ConfirmRequest makes a request that of a person, who is found by the address or made, asks every rule for every shift, and lets the person in.
// Whoever presses the button again, or in another browser, gets the same outcome.
func (s *Service) ConfirmRequest(ctx context.Context, orgSlug, secret string) (done Confirmed, err error) {
	org, err := s.organizations.OrganizationBySlug(ctx, orgSlug)
	if err != nil {
		return done, err
	}
	err = s.db.InTx(ctx, database.Tenant(org.ID.UUID), func(tx database.Tx) error {
		done = Confirmed{Organization: org}
		claimed, err := claimRequest(ctx, tx, secretHash(secret), s.now())
		if err != nil {
			return err
		}
		q, err := requestBy(ctx, tx, secretHash(secret), s.now())
		if err != nil {
			return err
		}
		if !claimed {
			return s.confirmedTx(ctx, tx, q, &done)
		}
		return s.confirmTx(ctx, tx, q, &done)
	})
	return done, err
}

func (s *Service) confirmTx(ctx context.Context, tx database.Tx, q volunteer.Request, done *Confirmed) error {
	p, err := s.people.FindOrCreateTx(ctx, tx, q.OrgID, person.Details{FirstName: q.FirstName, LastName: q.LastName, Email: q.Email, Phone: q.Phone})
	if err != nil {
		return err
	}
	done.Person = p
	ctx = asVolunteer(ctx, done.Organization, p.ID.UUID)
	wishes, err := wishesOf(ctx, tx, q.ID)
	if err != nil {
		return err
	}
	if err := s.onRostersTx(ctx, tx, done.Organization, concerned{[]uuid.UUID{p.ID.UUID}, wished(wishes)}, func(d *desk) error {
		return s.placeTx(ctx, d, q, done)
	}); err != nil {
		return err
	}
	queueConfirmed(tx, q, p.ID.UUID, done.Refused)
	done.Entry, err = s.people.OpenSessionTx(ctx, tx, done.Organization, p.ID)
	return err
}

// placeTx asks the rules for every shift of a request. A place that is held for it, or for another request of the same address, is given or let go.
func (s *Service) placeTx(ctx context.Context, d *desk, q volunteer.Request, done *Confirmed) error {
	who := done.Person.ID.UUID
	if err := d.born(ctx, who, q.BirthDate); err != nil {
		return err
	}
	same, err := unconfirmedOf(ctx, d.tx, q.EmailNormalized)
	if err != nil {
		return err
	}
	same[q.ID.UUID] = true
	done.Outcome, err = s.signUpAllTx(ctx, d, who, func(r *volunteer.Roster) signing {
		how := signing{Source: volunteer.FromPublic, Request: &q.ID.UUID, Waits: q.Waits}
		if held := heldFor(r, same); held != nil {
			how.Held = held.ID
		}
		return how
	})
	if err != nil {
		return err
	}
	for _, r := range d.byTime() {
		for held := heldFor(r, same); held != nil; held = heldFor(r, same) {
			d.silent[held.ID] = true
			if err := r.Withdraw(held.ID, volunteer.BySystem, "not needed", d.now); err != nil {
				return err
			}
		}
	}
	return s.tellOutcomeTx(ctx, d, who, done.Outcome)
}

// born keeps a date of birth when none is known yet.
func (d *desk) born(ctx context.Context, who uuid.UUID, on *time.Time) error {
	profile := d.profiles[who]
	if on == nil || profile.BirthDate != nil {
		return nil
	}
	profile.BirthDate, profile.UpdatedAt = on, d.now
	profile.Version++
	d.profiles[who] = profile
	return saveProfile(ctx, d.tx, profile)
}

// tellOutcomeTx writes one mail about all that somebody got at once.
func (s *Service) tellOutcomeTx(ctx context.Context, d *desk, who uuid.UUID, out Outcome) error {
	var got []id.ID[volunteer.SignUp]
	for _, l := range slices.Concat(out.Placed, out.Waiting) {
		got = append(got, l.ID)
	}
	if len(got) < 2 { // one tells of itself
		return nil
	}
	return s.confirmedMailTx(ctx, d, who, got)
}

// confirmedTx is the outcome of a request that was confirmed before. The link opens a session once more while it is as young as a sign-in link.
func (s *Service) confirmedTx(ctx context.Context, tx database.Tx, q volunteer.Request, done *Confirmed) error {
	if q.PersonID == nil {
		return fmt.Errorf("request %s was confirmed for nobody", q.ID)
	}
	p, err := personOf(ctx, tx, *q.PersonID)
	if err != nil {
		return err
	}
	done.Person = p
	wishes, err := wishesOf(ctx, tx, q.ID)
	if err != nil {
		return err
	}
	if err := done.recall(ctx, tx, wishes); err != nil {
		return err
	}
	if s.now().Sub(*q.ConfirmedAt) < person.LinkLife {
		done.Entry, err = s.people.OpenSessionTx(ctx, tx, done.Organization, p.ID)
	}
	return err
}

// recall reads what became of the shifts of a confirmed request.
func (c *Confirmed) recall(ctx context.Context, r database.Reader, wishes []wish) error {
	signUps, err := newestSignUps(ctx, r, c.Person.ID.UUID, wished(wishes))
	if err != nil {
		return err
	}
	at, err := occasionsOf(ctx, r, wished(wishes))
	if err != nil {
		return err
	}
	positions, err := positionsOf(ctx, r, slices.Collect(maps.Values(signUps)))
	if err != nil {
		return err
	}
	for _, w := range wishes {
		u, o := signUps[w.ShiftID], at[w.ShiftID]
		switch {
		case w.Code != "":
			c.refuse(o.Shift, o.Opportunity, w.fault())
		case u.Status == volunteer.Waiting:
			c.Waiting = append(c.Waiting, SignUpLine{u, o.Shift, o.Opportunity, positions[u.ID]})
		case u.Status.TakesPlace():
			c.Placed = append(c.Placed, SignUpLine{SignUp: u, Shift: o.Shift, Opportunity: o.Opportunity})
		default: // ended since
			c.refuse(o.Shift, o.Opportunity, volunteer.ErrNotActive)
		}
	}
	return nil
}
