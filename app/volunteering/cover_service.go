package volunteering

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"tributary/app/platform/database"
	"tributary/domain/account"
	"tributary/domain/actor"
	"tributary/domain/audit"
	"tributary/domain/fault"
	"tributary/domain/id"
	"tributary/domain/text"
	"tributary/domain/volunteer"
)

// Faults of asking people to cover a shift.
var (
	errNobodyNeeded = fault.New(fault.KindConflict, "cover.full", "Every place of this shift is taken: nobody needs to be asked.")
	errWhomToAsk    = fault.Invalid("person_ids", "cover.people", fmt.Sprintf("Choose between one and %d people.", volunteer.MostAsked))
	errAnsweredYes  = fault.New(fault.KindConflict, "cover.has_place", "You already have a place in this shift. To give it back, cancel it under “My shifts”.")
)

// askedTooSoon is how long somebody is left in peace who has not answered yet.
const askedTooSoon = 24 * time.Hour

// AskInput is whom staff ask to cover a shift, and what they write.
type AskInput struct {
	People  []uuid.UUID
	Message string
}

// AskedPerson is a question to one person about a shift, with who they are.
type AskedPerson struct {
	volunteer.Ask
	FirstName string
	LastName  string
	Email     *string
	Message   string // of the question
}

// AskToCover mails people whether they can help with a shift that has a place free. One who must not be asked makes it refuse as a whole: an
// e-mail address is missing, or they do not want to be asked, or were just asked.
func (s *Service) AskToCover(ctx context.Context, of id.ID[volunteer.Shift], in AskInput) ([]AskedPerson, error) {
	var people []uuid.UUID
	for _, who := range in.People {
		if !slices.Contains(people, who) {
			people = append(people, who)
		}
	}
	if len(people) == 0 || len(people) > volunteer.MostAsked {
		return nil, errWhomToAsk
	}
	message, err := text.Block("message", in.Message, 2000)
	if err != nil {
		return nil, err
	}
	org, err := s.organizations.Organization(ctx, actor.From(ctx).OrgID)
	if err != nil {
		return nil, err
	}
	err = s.onRosters(ctx, org, concerned{shifts: []id.ID[volunteer.Shift]{of}}, func(d *desk) error {
		return s.askTx(ctx, d, d.roster(of), people, message)
	})
	if err != nil {
		return nil, err
	}
	return s.AskedToCover(ctx, of)
}

func (s *Service) askTx(ctx context.Context, d *desk, r *volunteer.Roster, people []uuid.UUID, message string) error {
	o := d.offer(r)
	if !r.Shift.EndsAt.After(d.now) {
		return volunteer.ErrShiftEnded
	}
	proposals, err := s.proposalsOf(ctx, d.tx, *r.Shift, o, people)
	if err != nil {
		return err
	}
	if r.Shift.Free() == 0 {
		return errNobodyNeeded
	}
	if err := s.checkAsked(ctx, d, r.Shift.ID, people, proposals); err != nil {
		return err
	}
	cover := volunteer.Cover{
		OrgID: d.org.ID.UUID, ID: id.New[volunteer.Cover](), ShiftID: r.Shift.ID, Message: message, CreatedBy: actor.From(ctx).Login(), CreatedAt: d.now,
	}
	asks := make([]volunteer.Ask, len(proposals))
	for i, p := range proposals {
		reasons := volunteer.Words{}
		for _, b := range p.Reasons {
			reasons = append(reasons, b.Code)
		}
		slices.Sort(reasons)
		asks[i] = volunteer.Ask{
			OrgID: d.org.ID.UUID, ID: id.New[volunteer.Ask](), CoverID: cover.ID, ShiftID: r.Shift.ID, PersonID: p.PersonID, Reasons: reasons,
			Answer: volunteer.Asked, CreatedAt: d.now,
		}
	}
	if err := insertCover(ctx, d.tx, cover, asks); err != nil {
		return err
	}
	if err := s.coverMailTx(ctx, d.tx, d.org, cover, asks); err != nil {
		return err
	}
	return s.audit.RecordTx(ctx, d.tx, audit.Event{
		Action: "cover.asked", SubjectType: "shift", SubjectID: r.Shift.ID.UUID, After: map[string]any{"cover_id": cover.ID, "person_ids": people},
	})
}

// checkAsked refuses the whole question when one of the people must not be asked now, naming their place in the list.
func (s *Service) checkAsked(ctx context.Context, d *desk, of id.ID[volunteer.Shift], people []uuid.UUID, proposals []volunteer.Proposal) error {
	asks, err := lastAsksOf(ctx, d.tx, of)
	if err != nil {
		return err
	}
	may := make(map[uuid.UUID]volunteer.Proposal, len(proposals))
	for _, p := range proposals {
		may[p.PersonID] = p
	}
	var wrong []error
	for i, who := range people {
		field := fmt.Sprintf("person_ids[%d]", i)
		p, ok := may[who]
		last, asked := asks[who]
		switch {
		case !ok:
			wrong = append(wrong, fault.Invalid(field, "cover.not_to_be_asked",
				"This person cannot be asked: there is no e-mail address, or they do not want to be asked."))
		case slices.Contains(p.Obstacles, volunteer.RuleAlready):
			wrong = append(wrong, fault.Invalid(field, "cover.signed_up", "This person is signed up for this shift already."))
		case asked && last.answer == volunteer.No:
			wrong = append(wrong, fault.Invalid(field, "cover.said_no", "This person has said no to this shift already."))
		case asked && last.answer == volunteer.Asked && d.now.Sub(*last.at) < askedTooSoon:
			wrong = append(wrong, fault.Invalid(field, "cover.asked_already", "This person was asked about this shift less than a day ago."))
		}
	}
	return fault.Join(wrong...)
}

// AskedToCover lists who was asked about a shift, the newest question first.
func (s *Service) AskedToCover(ctx context.Context, of id.ID[volunteer.Shift]) (asked []AskedPerson, err error) {
	err = s.db.Read(ctx, database.Tenant(actor.From(ctx).OrgID), func(r database.Reader) error {
		if _, err := findShift(ctx, r, of); err != nil {
			return err
		}
		asked, err = asksOf(ctx, r, of)
		return err
	})
	return asked, err
}

// Question is what the page says to somebody who was asked.
type Question struct {
	Ask         volunteer.Ask
	FirstName   string
	Message     string // of staff
	Shift       volunteer.Shift
	Opportunity volunteer.Opportunity
	SignUp      *volunteer.SignUp   // the person's place, or place in line, in the shift
	Covered     bool                // no place is free, and the person has none
	Refused     []volunteer.Refusal // of an answer just given: why the yes did not help, the first first
}

// FindQuestion is what the page of a question shows before anything is pressed.
func (s *Service) FindQuestion(ctx context.Context, org account.Organization, of id.ID[volunteer.Ask]) (q Question, err error) {
	err = s.db.Read(ctx, database.Tenant(org.ID.UUID), func(r database.Reader) error {
		q, err = readQuestion(ctx, r, of)
		return err
	})
	return q, err
}

// AnswerCover records what somebody said who was asked. The first yes gets the place; after that a yes is TooLate, and the person may still
// WaitInstead. A yes that another rule stands against is Hindered, with the reasons in Refused. Answering so again changes nothing.
func (s *Service) AnswerCover(ctx context.Context, org account.Organization, of id.ID[volunteer.Ask], yes bool) (Question, error) {
	return s.answer(ctx, org, of, func(ctx context.Context, d *desk, a *volunteer.Ask) ([]volunteer.Refusal, error) {
		if !yes {
			return nil, s.declineTx(d, a)
		}
		return s.acceptTx(ctx, d, a, false)
	})
}

// WaitInstead puts somebody who was too late into the line for the shift.
func (s *Service) WaitInstead(ctx context.Context, org account.Organization, of id.ID[volunteer.Ask]) (Question, error) {
	return s.answer(ctx, org, of, func(ctx context.Context, d *desk, a *volunteer.Ask) ([]volunteer.Refusal, error) {
		return s.acceptTx(ctx, d, a, true)
	})
}

// answering works on a question whose person and shift are locked, and sets its answer.
type answering func(ctx context.Context, d *desk, a *volunteer.Ask) ([]volunteer.Refusal, error)

func (s *Service) answer(ctx context.Context, org account.Organization, of id.ID[volunteer.Ask], do answering) (q Question, err error) {
	q, err = s.FindQuestion(ctx, org, of)
	if err != nil {
		return q, err
	}
	person, shift := q.Ask.PersonID, q.Ask.ShiftID
	ctx = asVolunteer(ctx, org, person)
	var refused []volunteer.Refusal
	c := concerned{people: []uuid.UUID{person}, shifts: []id.ID[volunteer.Shift]{shift}}
	err = s.onRosters(ctx, org, c, func(d *desk) error {
		a, err := lockAsk(ctx, d.tx, of)
		if err != nil {
			return err
		}
		before := a.Answer
		if refused, err = do(ctx, d, &a); err != nil || a.Answer == before {
			return err
		}
		a.AnsweredAt = &d.now
		if err := saveAnswer(ctx, d.tx, a); err != nil {
			return err
		}
		if a.Answer == volunteer.Yes {
			if err := s.tellCoveredTx(ctx, d, d.roster(shift)); err != nil {
				return err
			}
		}
		return s.audit.RecordTx(ctx, d.tx, audit.Event{
			Action: "cover." + string(a.Answer), SubjectType: "shift", SubjectID: shift.UUID, Before: map[string]any{"answer": before},
			After: map[string]any{"person_id": person, "answer": a.Answer},
		})
	})
	if err != nil {
		return q, err
	}
	q, err = s.FindQuestion(ctx, org, of)
	q.Refused = refused
	return q, err
}

func (s *Service) declineTx(d *desk, a *volunteer.Ask) error {
	if mine := d.roster(a.ShiftID).Of(a.PersonID); mine != nil && mine.Status.TakesPlace() {
		return errAnsweredYes
	}
	a.Answer = volunteer.No
	return nil
}

// acceptTx gives the person a place, or a place in line, unless a rule stands against it. Sign-up may have closed, or not have opened: staff who
// ask have thought of that, so both are overruled in the name of whoever asked.
func (s *Service) acceptTx(ctx context.Context, d *desk, a *volunteer.Ask, wait bool) ([]volunteer.Refusal, error) {
	r := d.roster(a.ShiftID)
	if mine := r.Of(a.PersonID); mine != nil {
		return s.acceptOfferedTx(ctx, d, a, mine)
	}
	how := signing{Source: volunteer.FromCover, Waits: wait}
	if !wait {
		by, err := askedBy(ctx, d.tx, a.CoverID)
		if err != nil {
			return nil, err
		}
		how.Override, how.Note, how.By = []volunteer.Rule{volunteer.RuleNotYetOpen, volunteer.RuleCutOff}, "asked to cover the shift", by
	}
	u, refused, err := s.signUpTx(ctx, d, a.PersonID, r, how)
	switch {
	case err != nil:
		return nil, err
	case u.Status == volunteer.Waiting || len(refused) > 0 && refused[0].Rule == volunteer.RuleFull:
		a.Answer = volunteer.TooLate
	case len(refused) > 0:
		a.Answer = volunteer.Hindered
	default:
		a.Answer = volunteer.Yes
	}
	return refused, nil
}

// acceptOfferedTx is a yes of somebody who is on the roster already: in a place, or offered one, or in line.
func (s *Service) acceptOfferedTx(ctx context.Context, d *desk, a *volunteer.Ask, mine *volunteer.SignUp) ([]volunteer.Refusal, error) {
	r := d.roster(a.ShiftID)
	if mine.Status == volunteer.Waiting {
		a.Answer = volunteer.TooLate
		if o := d.offer(r); !r.Full(1) { // they wait for more places than are free
			a.Answer = volunteer.Hindered
			return volunteer.Refusals(r, o.Opportunity, o.Required, volunteer.Candidate{Party: mine.Party}, d.now)
		}
		return nil, nil
	}
	if mine.Status == volunteer.Offered {
		c, err := d.candidate(ctx, a.PersonID, r)
		if err != nil {
			return nil, err
		}
		c.SignedUp, c.Party, c.Holds = false, mine.Party, mine.Party
		refused, err := volunteer.Refusals(r, d.offer(r).Opportunity, d.offer(r).Required, c, d.now)
		if err != nil {
			return nil, err
		}
		if len(refused) > 0 {
			a.Answer = volunteer.Hindered
			return refused, nil
		}
		if err := r.Accept(mine.ID, d.now); err != nil {
			return nil, err
		}
	}
	a.Answer = volunteer.Yes
	return nil, nil
}

// tellCoveredTx writes to the others who were asked and have not answered, once nobody is needed any more.
func (s *Service) tellCoveredTx(ctx context.Context, d *desk, r *volunteer.Roster) error {
	if !r.Full(1) {
		return nil
	}
	open, err := openCoversOf(ctx, d.tx, r.Shift.ID)
	if err != nil {
		return err
	}
	for _, c := range open { // staff ask once or twice about a shift
		if err := s.coverTakenMailTx(ctx, d.tx, d.org, c); err != nil {
			return err
		}
	}
	return nil
}
