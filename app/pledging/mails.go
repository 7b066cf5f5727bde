package pledging

import (
	"context"
	"fmt"
	"strings"
	"time"

	"tributary/app/platform/database"
	"tributary/app/platform/mail"
	"tributary/domain/account"
	"tributary/domain/day"
	"tributary/domain/donation"
	"tributary/domain/message"
	"tributary/domain/money"
	"tributary/domain/payment"
	"tributary/domain/promise"
)

// longestSubject is where a subject with a long name in it is cut.
const longestSubject = 200

// letter says which mail goes with a change of a promise.
type letter struct {
	template string              // in frontend/templates/mail; empty: none
	about    *promise.Instalment // what it speaks of; nil: the next instalment
	did      string              // of plan_changed, pledge_changed and pledge_closed: what was done, one of the words below
	key      string              // mailed once per key; empty: once per version of the promise
}

// What a letter can say was done.
const (
	didPause      = "paused"
	didResume     = "resumed"
	didSkip       = "skipped"
	didAmount     = "amount"
	didDay        = "day"
	didMove       = "moved"
	didWaive      = "waived"
	didReschedule = "rescheduled"
	didComplete   = "completed"
	didWriteOff   = "written_off"
	didCancel     = "cancelled"
)

// mailTx writes a mail about a promise into the outbox. A person without an address gets none. Nothing about a mail may hold up the money
// that it tells of. Of org the id is enough: the rest is read.
func (s *Service) mailTx(ctx context.Context, tx database.Tx, org account.Organization, p promise.Promise, l letter) error {
	to, err := contactOf(ctx, tx, p.ID)
	if err != nil || !message.ValidAddress(to.Email) {
		return err
	}
	if org.Name == "" {
		if org, err = organizationOf(ctx, tx, p.OrgID); err != nil {
			return err
		}
	}
	data, err := s.mailData(ctx, tx, org, p, l)
	if err != nil {
		return err
	}
	body, err := s.outbox.Render(l.template, mail.Sender{
		Name: org.Name, Color: org.BrandColor, Website: org.Website, Reason: "You get this mail because you promised a gift to " + org.Name + ".",
	}, data)
	if err != nil {
		return err
	}
	if l.key == "" {
		l.key = fmt.Sprintf("%s:%d", p.ID, p.Version)
	}
	if subject := []rune(body.Subject); len(subject) > longestSubject {
		body.Subject = string(subject[:longestSubject-1]) + "…"
	}
	replyTo := org.Email
	if !message.ValidAddress(replyTo) {
		replyTo = ""
	}
	return s.outbox.EnqueueTx(ctx, tx, message.Message{
		OrgID: p.OrgID, Kind: strings.Replace(l.template, "_", ".", 1), DedupeKey: l.template + ":" + l.key, PersonID: p.PersonID,
		ToEmail: to.Email, ToName: p.DonorName(), FromName: org.Name, ReplyTo: replyTo, Subject: body.Subject, Text: body.Text, HTML: body.HTML,
	})
}

// mailView is what the templates of mails about promises see. Money and dates are words already; what there is nothing to say of is empty.
type mailView struct {
	Greeting     string // the donor's first name
	Organization string // its public name
	For          string // the campaign, else the cause
	Reference    string
	Plan         bool
	ByCard       bool     // a saved card is charged by itself
	Noun         string   // "monthly gift", "pledge"
	Amount       string   // of each payment of a plan, the fee included; of a whole pledge
	Rhythm       string   // "every month on the 31st, or on the last day of a shorter month"
	Did          string   // what was done
	Reason       string   // the words of whoever did it
	Until        string   // the end of a pause
	Part         mailPart // the payment it speaks of
	Spoken       bool     // Part is that of the letter, not just the next one
	Late         bool     // its date has passed
	UnderWay     string   // what is being charged right now
	Why          string   // a payment did not work
	RetryOn      string   // when the card is tried again by itself
	Card         string   // "Visa ending in 4242"
	Next         mailPart
	Schedule     []mailPart // the open payments
	Paid         string     // of a pledge, so far
	Owed         string     // still to come
	PayURL       string     // where the payment the mail speaks of can be made; empty: it cannot
	PageURL      string     // where the donor looks after the promise
}

// mailPart is one payment of a promise in words.
type mailPart struct {
	N      int
	DueOn  string
	Amount string
}

func partOf(i promise.Instalment) mailPart {
	return mailPart{N: i.N, DueOn: longDate(i.DueOn), Amount: i.Total().String()}
}

// longDate is how a mail writes a date: "November 22, 2026".
func longDate(d day.Day) string { return d.Start(time.UTC).Format("January 2, 2006") }

// reasonWords says in plain words why a payment did not work, as one sentence without its full stop. It is empty without a code.
func reasonWords(code string) string { return promise.Reason(code) }

// mailData gathers what a letter says about a promise.
func (s *Service) mailData(ctx context.Context, tx database.Tx, org account.Organization, p promise.Promise, l letter) (mailView, error) {
	purpose, err := purposeOf(ctx, tx, p)
	if err != nil {
		return mailView{}, err
	}
	v := mailView{
		Greeting: p.DonorFirstName, Organization: org.Name, For: purpose, Reference: p.Reference, Plan: p.Kind == promise.Plan,
		ByCard: p.Method == promise.ByCard, Spoken: l.about != nil, Noun: noun(p), Rhythm: rhythm(p.Schedule),
		Amount: money.New(p.Amount.Minor+p.CoverMinor, p.Amount.Currency).String(), Did: l.did, Owed: p.Owed().String(), PageURL: s.supporterURL(org, p.ID),
	}
	if p.PausedUntil != nil {
		v.Until = longDate(*p.PausedUntil)
	}
	if !p.Paid().IsZero() {
		v.Paid = p.Paid().String()
	}
	about := l.about
	if about == nil {
		about = p.Next()
	}
	if about != nil {
		v.Part, v.Why = partOf(*about), reasonWords(about.DeclineCode)
		v.Late = about.DueOn.Before(dateOf(p, s.now()))
		if about.State == promise.RetryWait && about.ActAt != nil {
			v.RetryOn = longDate(dateOf(p, *about.ActAt))
		}
		if about.State.Open() && !about.State.InFlight() && about.Amount.Minor > 0 {
			v.PayURL = s.payURL(org, about.ID.UUID)
		}
	}
	if next := p.Next(); next != nil && (about == nil || next.ID != about.ID || l.about == nil) {
		v.Next = partOf(*next)
	}
	for _, i := range p.Instalments {
		if i.State.InFlight() {
			v.UnderWay = i.Total().String()
		}
		if p.Kind == promise.Pledge && i.State.Open() && i.Amount.Minor > 0 {
			v.Schedule = append(v.Schedule, partOf(i))
		}
	}
	if p.CardID != nil {
		card, err := findCard(ctx, tx, *p.CardID)
		if err != nil {
			return mailView{}, err
		}
		v.Card = cardWords(card)
	}
	return v, nil
}

// noun is what a promise is called in the middle of a sentence.
func noun(p promise.Promise) string {
	switch {
	case p.Kind == promise.Pledge:
		return "pledge"
	case p.Schedule.Every == 1 && p.Schedule.Unit == promise.Month:
		return "monthly gift"
	case p.Schedule.Every == 1 && p.Schedule.Unit == promise.Year:
		return "yearly gift"
	case p.Schedule.Every == 1 && p.Schedule.Unit == promise.Week:
		return "weekly gift"
	}
	return "regular gift"
}

// rhythm says when the payments of a schedule come: "every 3 months on the 15th".
func rhythm(s promise.Schedule) string {
	each := "every " + string(s.Unit)
	if s.Every > 1 {
		each = fmt.Sprintf("every %d %ss", s.Every, s.Unit)
	}
	switch {
	case s.Unit == promise.Week:
		return each + " on " + s.AnchorOn.Start(time.UTC).Weekday().String()
	case s.Unit == promise.Year:
		return each + " on " + s.AnchorOn.Month().String() + " " + fmt.Sprint(s.AnchorDay)
	case s.AnchorDay > 28:
		return each + " on the " + ordinal(s.AnchorDay) + ", or on the last day of a shorter month"
	}
	return each + " on the " + ordinal(s.AnchorDay)
}

func ordinal(n int) string {
	suffix := "th"
	if n/10 != 1 {
		switch n % 10 {
		case 1:
			suffix = "st"
		case 2:
			suffix = "nd"
		case 3:
			suffix = "rd"
		}
	}
	return fmt.Sprint(n) + suffix
}

// cardWords is how a card is called: "Visa ending in 4242".
func cardWords(c promise.Card) string {
	if c.Last4 == "" {
		return "your card"
	}
	brands := map[string]string{
		"visa": "Visa", "mastercard": "Mastercard", "amex": "American Express", "discover": "Discover", "diners": "Diners Club", "jcb": "JCB", "unionpay": "UnionPay",
	}
	brand := brands[c.Brand]
	if brand == "" {
		brand = "Card"
	}
	return brand + " ending in " + c.Last4
}

// letterOf is the mail that tells a donor what became of collecting an instalment, or none: a receipt tells of money that came. status is
// the promise's before.
func letterOf(status promise.Status, p *promise.Promise, was, is promise.Instalment) letter {
	l := letter{about: &is, key: mailKey(is, string(is.State))}
	switch {
	case status == promise.PendingSetup && p.Status != promise.PendingSetup && p.Kind == promise.Plan:
		return letter{template: "plan_started", key: p.ID.String()}
	case was.State == is.State && was.Tries == is.Tries:
	case is.State == promise.RetryWait:
		l.template = "payment_declined"
	case is.State == promise.RequiresAction:
		l.template = "payment_confirm"
	case is.State == promise.Failed && p.Kind == promise.Plan && payment.DeclineOf(is.DeclineCode) == payment.SoftDecline:
		l.template = "payment_declined" // the plan goes on with its next date
	case is.State == promise.Failed:
		l.template = "card_needed"
	case is.State == promise.Paid && p.Kind == promise.Pledge && p.Status == promise.Completed && status != promise.Completed:
		l.template, l.did = "pledge_closed", didComplete
	}
	return l
}

// donorOf is who promised, as typed.
func donorOf(p promise.Promise) donation.Donor {
	return donation.Donor{FirstName: p.DonorFirstName, LastName: p.DonorLastName, Email: p.DonorEmail}
}
