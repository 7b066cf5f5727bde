package promise

import (
	"crypto/sha256"
	"fmt"

	"github.com/google/uuid"

	"tributary/domain/day"
)

// PatienceDays is after how many unpaid days a pledge is called delinquent, and a plan lapses.
const PatienceDays = patienceDays

// Waiting is the instalment that is shown as next: the first to be paid, else one that was given up until there is another card.
func (p *Promise) Waiting() *Instalment {
	if next := p.Next(); next != nil {
		return next
	}
	for k := range p.Instalments {
		if i := &p.Instalments[k]; i.State == Failed && i.Amount.Minor > 0 {
			return i
		}
	}
	return nil
}

// Upcoming lists the next charges of a plan, at most n: the instalment that is waiting, then the dates that its schedule goes on with. A
// plan that will charge nothing before somebody does something has none.
func (p *Promise) Upcoming(n int, today day.Day) []Part {
	if p.Kind != Plan || p.Status != Active && p.Status != PastDue {
		return nil
	}
	var parts []Part
	after := today
	if i := p.pending(); i != nil {
		parts = append(parts, Part{N: i.N, DueOn: i.DueOn, Amount: i.Amount})
		if i.DueOn.After(after) {
			after = i.DueOn
		}
	}
	for k := p.last() + 1; len(parts) < n && !p.Schedule.Ends(k); k++ {
		due := p.Schedule.Due(k)
		if !due.After(after) || p.PausedUntil != nil && due.Before(*p.PausedUntil) {
			continue
		}
		parts = append(parts, Part{N: k, DueOn: due, Amount: p.Amount})
	}
	return parts
}

// Token ties a cleaned pledge form to what was typed: sent again unchanged it is the same pledge, sent again with another total or date it is
// another one.
func (r PledgeRequest) Token() uuid.UUID {
	typed := fmt.Sprintf("%q", []string{
		"pledge", r.OrgSlug, r.CampaignSlug, r.Total.String(), fmt.Sprint(r.Count), string(r.Unit), fmt.Sprint(r.Every), r.FirstOn.String(), r.FirstName,
		r.LastName, r.Email, string(r.Visibility), fmt.Sprint(r.EmailConsent),
	})
	return uuid.NewHash(sha256.New(), r.FormToken, []byte(typed), 8)
}
