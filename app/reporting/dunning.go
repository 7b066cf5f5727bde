package reporting

import (
	"fmt"
	"time"

	"tributary/domain/day"
	"tributary/domain/money"
	"tributary/domain/promise"
)

// Action is the one thing that staff would do about a late instalment.
type Action string

// The actions.
const (
	SendCardLink Action = "card_link" // mail a link to save another card
	ChargeAgain  Action = "charge"    // charge the saved card now
	Remind       Action = "remind"    // mail the link to pay, or to confirm
	Look         Action = "look"      // nothing can be mailed or charged: ring them up
)

// prospect is what happens next if nobody does anything, and when.
func (l Late) prospect(now time.Time) promise.Outlook {
	p := promise.Promise{Kind: l.Kind, Method: l.Method, Zone: l.Zone}
	i := promise.Instalment{DueOn: l.DueOn, Amount: money.New(l.Minor, l.Currency), State: l.State, DeclineCode: l.DeclineCode, ActAt: l.ActAt}
	return p.OutlookOf(&i, now)
}

// Why says in plain words why the instalment is not paid.
func (l Late) Why() string {
	if words := promise.Reason(l.DeclineCode); words != "" {
		return words
	}
	switch l.State {
	case promise.RetryWait, promise.Failed:
		return "The payment did not work"
	case promise.RequiresAction:
		return promise.Reason("authentication_required")
	case promise.Scheduled, promise.Due, promise.Attempting, promise.Unknown, promise.Processing, promise.Paid, promise.Skipped, promise.Waived,
		promise.GivenUp, promise.Ended:
	}
	return "Nothing has come yet"
}

// WhatNext says in plain words what happens by itself, and when.
func (l Late) WhatNext(now time.Time) string {
	on := func(at *time.Time) string { return l.date(day.In(*at, l.location()), now) }
	switch o := l.prospect(now); o.Prospect {
	case promise.WillRetry:
		return "Tried again on " + l.date(o.On, now)
	case promise.NeedsDonor:
		return "Waits for the donor to confirm it at the bank: " + l.mailed(now)
	case promise.NeedsCard:
		words := "Waits for a new card: " + l.mailed(now)
		if l.Kind == promise.Plan && l.ActAt != nil {
			words += fmt.Sprintf(". Without one it ends on %s", on(l.ActAt))
		}
		return words
	case promise.GaveUp:
		return "Not tried again: it goes on with the next date"
	case promise.WillCharge, promise.UnderWay, promise.AtBank, promise.DonorPays, promise.Late, promise.OnPause, promise.WaitsForIt, promise.HasLapsed,
		promise.HasEnded, promise.NothingNext:
	}
	switch {
	case l.ActAt != nil && l.Reminders == 0:
		return "Reminded on " + on(l.ActAt)
	case l.ActAt != nil:
		return "Reminded again on " + on(l.ActAt)
	case l.RemindedAt != nil:
		return fmt.Sprintf("Last reminded on %s, nothing more happens by itself", on(l.RemindedAt))
	}
	return "Nothing happens by itself"
}

func (l Late) mailed(now time.Time) string {
	at := l.MailedAt
	if at == nil {
		at = l.RemindedAt
	}
	if at == nil {
		return "no link was mailed"
	}
	return "link mailed on " + l.date(day.In(*at, l.location()), now)
}

// Action is what staff would do about it.
func (l Late) Action(now time.Time) Action {
	reachable := l.Email != ""
	switch l.prospect(now).Prospect {
	case promise.WillRetry, promise.GaveUp:
		if l.CardID != nil {
			return ChargeAgain
		}
	case promise.NeedsCard:
		if reachable {
			return SendCardLink
		}
	case promise.NeedsDonor:
		if reachable && !l.DoNotContact {
			return Remind
		}
	case promise.Late:
		switch {
		case l.Method == promise.ByCard && l.CardID != nil:
			return ChargeAgain
		case l.Method == promise.ByCard && reachable:
			return SendCardLink
		case l.Method == promise.ByLink && reachable && !l.DoNotContact:
			return Remind
		}
	case promise.WillCharge, promise.UnderWay, promise.AtBank, promise.DonorPays, promise.OnPause, promise.WaitsForIt, promise.HasLapsed, promise.HasEnded,
		promise.NothingNext:
	}
	return Look
}

// Days is how long ago it was due, where the promise's mornings are; never negative.
func (l Late) Days(now time.Time) int {
	since := day.In(now, l.location()).Start(time.UTC).Sub(l.DueOn.Start(time.UTC))
	return max(0, int(since/(24*time.Hour)))
}

// date is "25 Nov", with the year when it is not this one.
func (l Late) date(d day.Day, now time.Time) string {
	layout := "2 Jan"
	if d.Year() != day.In(now, l.location()).Year() {
		layout = "2 Jan 2006"
	}
	return d.Start(time.UTC).Format(layout)
}

func (l Late) location() *time.Location {
	p := promise.Promise{Zone: l.Zone}
	return p.Location()
}
