package volunteering

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"tributary/app/platform/database"
	"tributary/domain/id"
	"tributary/domain/person"
	"tributary/domain/volunteer"
)

// HelpLine is a confirmed offer of help with the names a list shows.
type HelpLine struct {
	volunteer.HelpOffer
	KnownFirst     string // of the person, as the record has it
	KnownLast      string
	KnownEmail     *string
	KnownPhone     string
	AnsweredByName string
}

func (l HelpLine) person() person.Person {
	return person.Person{FirstName: l.KnownFirst, LastName: l.KnownLast, Email: l.KnownEmail}
}

// listHelp reads one confirmed offer more than a page has, the newest first, along an index of all or of one status.
func listHelp(ctx context.Context, r database.Reader, f HelpFilter) ([]HelpLine, error) {
	page := r.Gorm(ctx).Table("offers_of_help")
	if f.Status != "" {
		page = page.Where("status = ?", f.Status)
	} else {
		page = page.Where("status <> 'unconfirmed'")
	}
	if !f.BeforeID.IsZero() {
		page = page.Where("(confirmed_at, id) < (?, ?)", f.Before, f.BeforeID)
	}
	page = page.Order("confirmed_at desc, id desc").Limit(f.Limit + 1)
	var lines []HelpLine
	err := r.Gorm(ctx).Table("(?) as h", page).
		Select("h.*, p.first_name as known_first, p.last_name as known_last, p.email as known_email, p.phone as known_phone, coalesce(l.name, '') as answered_by_name").
		Joins("join people p on p.org_id = h.org_id and p.id = h.person_id").
		Joins("left join logins l on l.id = h.answered_by").
		Order("h.confirmed_at desc, h.id desc").Scan(&lines).Error
	if err != nil {
		return nil, fmt.Errorf("list offers of help: %w", err)
	}
	return lines, nil
}

func insertHelp(ctx context.Context, tx database.Tx, o volunteer.HelpOffer) error {
	if err := gorm.G[volunteer.HelpOffer](tx.Gorm(ctx)).Create(ctx, &o); err != nil {
		return fmt.Errorf("store offer of help: %w", err)
	}
	return nil
}

// saveHelp stores how far an offer that the caller locked has come.
func saveHelp(ctx context.Context, tx database.Tx, o volunteer.HelpOffer) error {
	err := tx.Gorm(ctx).Select("status", "person_id", "confirmed_at", "answered_at", "answered_by").Where("id = ?", o.ID).Updates(&o).Error
	if err != nil {
		return fmt.Errorf("save offer of help: %w", err)
	}
	return nil
}

// helpBySecret reads the offer of a link that still works; any other is volunteer.ErrLinkSpent.
func helpBySecret(ctx context.Context, r database.Reader, hash []byte, at time.Time) (volunteer.HelpOffer, error) {
	return takeHelp(r.Gorm(ctx).Where("token_hash = ? and expires_at > ?", hash, at), volunteer.ErrLinkSpent)
}

func lockHelpBySecret(ctx context.Context, tx database.Tx, hash []byte, at time.Time) (volunteer.HelpOffer, error) {
	return takeHelp(locking(tx.Gorm(ctx)).Where("token_hash = ? and expires_at > ?", hash, at), volunteer.ErrLinkSpent)
}

// lockHelp locks a confirmed offer.
func lockHelp(ctx context.Context, tx database.Tx, of id.ID[volunteer.HelpOffer]) (volunteer.HelpOffer, error) {
	return takeHelp(locking(tx.Gorm(ctx)).Where("id = ? and status <> 'unconfirmed'", of), volunteer.ErrHelpOffer)
}

func locking(q *gorm.DB) *gorm.DB { return q.Clauses(clause.Locking{Strength: "UPDATE"}) }

func takeHelp(q *gorm.DB, missing error) (o volunteer.HelpOffer, err error) {
	err = q.Take(&o).Error
	switch {
	case database.IsNoRows(err):
		return o, missing
	case err != nil:
		return o, fmt.Errorf("find offer of help: %w", err)
	}
	return o, nil
}

// deleteUnconfirmedHelp deletes up to n offers whose link ran out unused, and returns which.
func deleteUnconfirmedHelp(ctx context.Context, tx database.Tx, at time.Time, n int) (deleted []uuid.UUID, err error) {
	err = tx.Gorm(ctx).Raw(`delete from offers_of_help where id in (
		select id from offers_of_help where status = 'unconfirmed' and expires_at <= ? order by expires_at limit ? for update skip locked) returning id`, at, n).Scan(&deleted).Error
	if err != nil {
		return nil, fmt.Errorf("delete unconfirmed offers of help: %w", err)
	}
	return deleted, nil
}
