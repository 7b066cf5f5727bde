package volunteering

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/google/uuid"
	"gorm.io/gorm"

	"tributary/app/platform/database"
	"tributary/app/platform/mail"
	"tributary/domain/account"
	"tributary/domain/id"
	"tributary/domain/message"
	"tributary/domain/volunteer"
)

// longestSubject is where a subject with a long name in it is cut.
const longestSubject = 200

// letter is one mail to one person.
type letter struct {
	template    string // in frontend/templates/mail
	key         string // one mail is written per template and key
	to          recipient
	why         string                    // why the reader gets it; empty: because they signed up
	calendar    []id.ID[volunteer.SignUp] // whose shifts go with it as a calendar file
	unsubscribe string                    // of mails that no deed of the reader caused
	secret      bool                      // it carries a link that signs in
	view        mailView
}

// recipient is who a mail goes to.
type recipient struct {
	PersonID     *uuid.UUID // nil: somebody of the staff, or nobody knows yet who it is
	Email        string
	FirstName    string
	Name         string
	DoNotContact bool
}

// mailView is what the templates of mails about volunteering see. Times are words already; what there is nothing to say of is empty.
type mailView struct {
	Greeting     string // the reader's first name
	Organization string // its public name
	Shifts       []shiftWords
	Line         []lineWords // shifts on whose waitlist the reader is
	Position     int         // on the waitlist
	Waits        bool        // the reader joins the waitlists of Line once they confirm
	Was          string      // what the reader had: a place (confirmed), an offer (offered), or a position in line (waiting)
	ByVolunteer  bool        // the reader ended it
	Swapped      bool        // the place is in exchange for another, which was given back
	Until        string      // how long a place is held, or an answer counts
	CancelUntil  string      // how long a place can be given back online
	Message      []string    // of staff, in lines
	Reason       string      // of staff
	Changes      []changeWords
	Hours        []hoursWords
	Credentials  []credentialWords
	Expired      bool   // the credentials hold no more
	Soon         bool   // the near reminder
	ActURL       string // what the mail asks to do
	PageURL      string // where the reader looks after their shifts
	OptOutURL    string
}

// lineWords is a waitlist that the reader is on.
type lineWords struct {
	Shift    shiftWords
	Position int
}

// Shift is the only or first shift that a mail speaks of.
func (v mailView) Shift() shiftWords {
	switch {
	case len(v.Shifts) > 0:
		return v.Shifts[0]
	case len(v.Line) > 0:
		return v.Line[0].Shift
	}
	return shiftWords{}
}

// AllCancelled reports whether nothing takes place of what a mail about changes speaks of.
func (v mailView) AllCancelled() bool {
	return !slices.ContainsFunc(v.Changes, func(c changeWords) bool { return !c.Cancelled })
}

// mailTx writes a mail into the outbox. Whoever has no address that mail reaches gets none: nothing about a mail may hold up what it tells of.
func (s *Service) mailTx(ctx context.Context, tx database.Tx, org account.Organization, l letter) error {
	if !message.ValidAddress(l.to.Email) {
		return nil
	}
	if l.why == "" {
		l.why = "You get this mail because you signed up to help " + org.Name + "."
	}
	l.view.Greeting, l.view.Organization, l.view.PageURL = l.to.FirstName, org.Name, s.myShiftsURL(org)
	body, err := s.outbox.Render(l.template, mail.Sender{Name: org.Name, Color: org.BrandColor, Website: org.Website, Reason: l.why}, l.view)
	if err != nil {
		return err
	}
	if subject := []rune(body.Subject); len(subject) > longestSubject {
		body.Subject = string(subject[:longestSubject-1]) + "…"
	}
	m := message.Message{
		OrgID: org.ID.UUID, Kind: kindOf(l.template), DedupeKey: l.template + ":" + l.key, PersonID: l.to.PersonID, ToEmail: l.to.Email, ToName: l.to.Name,
		FromName: org.Name, Subject: body.Subject, Text: body.Text, HTML: body.HTML, Secret: l.secret,
	}
	if message.ValidAddress(org.Email) {
		m.ReplyTo = org.Email
	}
	if s.publicURL.Scheme == "https" { // one-click unsubscribing is refused anywhere else (RFC 8058)
		m.Unsubscribe = l.unsubscribe
	}
	if len(l.calendar) > 0 {
		m.Attachments = []message.Attachment{calendarFile(l.calendar)}
	}
	return s.outbox.EnqueueTx(ctx, tx, m)
}

// kindOf is what the mail of a template is called on timelines: "sign_up.confirmed" of sign_up_confirmed.
func kindOf(template string) string {
	for _, of := range []string{"sign_up", "shift", "cover", "hours", "credential"} {
		if rest, ok := strings.CutPrefix(template, of+"_"); ok {
			return of + "." + rest
		}
	}
	return template
}

// recipientsOf reads who people are and where they read mail now.
func recipientsOf(ctx context.Context, r database.Reader, people []uuid.UUID) (map[uuid.UUID]recipient, error) {
	found := map[uuid.UUID]recipient{}
	if len(people) == 0 {
		return found, nil
	}
	var rows []struct {
		ID                         uuid.UUID
		FirstName, LastName, Email string
		DoNotContact               bool
	}
	err := r.Gorm(ctx).Raw(`select id, first_name, last_name, coalesce(email, '') as email, do_not_contact from people where id = any(?)`, database.Array(people)).
		Scan(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("list who to write to: %w", err)
	}
	for _, p := range rows {
		found[p.ID] = recipient{
			PersonID: &p.ID, Email: p.Email, FirstName: p.FirstName, Name: strings.TrimSpace(p.FirstName + " " + p.LastName), DoNotContact: p.DoNotContact,
		}
	}
	return found, nil
}

// shiftsWithOffers reads shifts with their opportunities.
func shiftsWithOffers(ctx context.Context, r database.Reader, ids []id.ID[volunteer.Shift]) (map[id.ID[volunteer.Shift]]told, error) {
	shifts, err := gorm.G[volunteer.Shift](r.Gorm(ctx)).Where("id = any(?)", database.Array(ids)).Find(ctx)
	if err != nil {
		return nil, fmt.Errorf("list shifts to tell of: %w", err)
	}
	of := make([]id.ID[volunteer.Opportunity], len(shifts))
	for i, s := range shifts {
		of[i] = s.OpportunityID
	}
	rows, err := gorm.G[volunteer.Opportunity](r.Gorm(ctx)).Where("id = any(?)", database.Array(of)).Find(ctx)
	if err != nil {
		return nil, fmt.Errorf("list opportunities to tell of: %w", err)
	}
	offers := map[id.ID[volunteer.Opportunity]]volunteer.Opportunity{}
	for _, o := range rows {
		offers[o.ID] = o
	}
	found := map[id.ID[volunteer.Shift]]told{}
	for _, s := range shifts {
		found[s.ID] = told{s, offers[s.OpportunityID]}
	}
	return found, nil
}

// told is a shift that a mail or a calendar speaks of, with its opportunity.
type told struct {
	Shift volunteer.Shift
	Offer volunteer.Opportunity
}

// words is how the shift is said, with the address of its page when the public finds it.
func (s *Service) words(org account.Organization, t told) shiftWords {
	w := wordsOf(t.Shift, t.Offer)
	if t.Offer.Status == volunteer.Published && t.Offer.Visibility == volunteer.ForEverybody {
		w.PageURL = s.opportunityURL(org, t.Offer.Slug)
	}
	return w
}
