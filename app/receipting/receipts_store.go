package receipting

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"tributary/app/platform/database"
	"tributary/domain/day"
	"tributary/domain/id"
	"tributary/domain/money"
	"tributary/domain/receipt"
)

// receiptRow is a row of receipts.
type receiptRow struct {
	OrgID          uuid.UUID              `gorm:"primaryKey"`
	ID             id.ID[receipt.Receipt] `gorm:"primaryKey"`
	DonationID     uuid.UUID
	Series         string
	Year           int16
	Number         int32
	ReplacesID     *id.ID[receipt.Receipt]
	AmountMinor    int64
	AmountCurrency string
	ReceivedOn     day.Day
	Content        receipt.Content `gorm:"serializer:json;type:jsonb"`
	IssuedAt       time.Time
}

// TableName names the table for GORM.
func (receiptRow) TableName() string { return "receipts" }

// voidRow is a row of receipt_voids.
type voidRow struct {
	OrgID     uuid.UUID              `gorm:"primaryKey"`
	ReceiptID id.ID[receipt.Receipt] `gorm:"primaryKey"`
	Reason    string
	VoidedBy  *uuid.UUID
	VoidedAt  time.Time
}

// TableName names the table for GORM.
func (voidRow) TableName() string { return "receipt_voids" }

// standingRow is a row of standing_receipts.
type standingRow struct {
	OrgID      uuid.UUID `gorm:"primaryKey"`
	DonationID uuid.UUID `gorm:"primaryKey"`
	ReceiptID  id.ID[receipt.Receipt]
}

// TableName names the table for GORM.
func (standingRow) TableName() string { return "standing_receipts" }

// Kept is a receipt with what happened to it since.
type Kept struct {
	Row        receiptRow `gorm:"embedded"`
	VoidReason string
	VoidedBy   *uuid.UUID
	VoidedAt   *time.Time
	Stands     bool
	ReplacedBy string // number of the receipt that replaced it
	Zone       string // of the organization
	OrgSlug    string
	OrgName    string
	OrgColor   string
}

func (k Kept) receipt() receipt.Receipt {
	return receipt.Restore(receipt.Row{
		OrgID: k.Row.OrgID, ID: k.Row.ID, DonationID: k.Row.DonationID, Number: receipt.Number{Series: k.Row.Series, Year: int(k.Row.Year), Number: int(k.Row.Number)},
		Replaces: k.Row.ReplacesID, Amount: money.New(k.Row.AmountMinor, k.Row.AmountCurrency), ReceivedOn: k.Row.ReceivedOn, Content: k.Row.Content, IssuedAt: k.Row.IssuedAt,
	})
}

// printed is the receipt as it is shown today.
func (k Kept) printed() printed {
	p := printed{content: k.Row.Content, issuedAt: k.Row.IssuedAt, replacedBy: k.ReplacedBy}
	if k.VoidedAt != nil {
		zone, err := time.LoadLocation(k.Zone)
		if err != nil {
			zone = time.UTC // known when it was issued; a date in words must not keep a receipt from being shown
		}
		p.voidedOn = k.VoidedAt.In(zone).Format("January 2, 2006")
	}
	return p
}

const keptColumns = `r.*, v.reason AS void_reason, v.voided_by, v.voided_at, s.receipt_id IS NOT NULL AS stands,
	coalesce(n.content->>'number', '') AS replaced_by, o.zone, o.slug AS org_slug, o.name AS org_name, o.brand_color AS org_color`

const keptTables = `FROM receipts r
	JOIN organizations o ON o.id = r.org_id
	LEFT JOIN receipt_voids v ON (v.org_id, v.receipt_id) = (r.org_id, r.id)
	LEFT JOIN standing_receipts s ON (s.org_id, s.receipt_id) = (r.org_id, r.id)
	LEFT JOIN receipts n ON (n.org_id, n.replaces_id) = (r.org_id, r.id)`

func findReceipt(ctx context.Context, r database.Reader, receiptID id.ID[receipt.Receipt]) (Kept, error) {
	var k Kept
	err := r.Gorm(ctx).Raw(`SELECT `+keptColumns+` `+keptTables+` WHERE r.id = ?`, receiptID).Take(&k).Error
	if database.IsNoRows(err) {
		return Kept{}, receipt.ErrNotFound
	}
	if err != nil {
		return Kept{}, fmt.Errorf("find receipt: %w", err)
	}
	return k, nil
}

// latestReceipt is the one that stands, else the newest; nil when the donation never had one. The donation is locked.
func latestReceipt(ctx context.Context, tx database.Tx, donationID uuid.UUID) (*Kept, error) {
	var found []Kept
	err := tx.Gorm(ctx).Raw(`SELECT `+keptColumns+` `+keptTables+` WHERE r.donation_id = ?
		ORDER BY s.receipt_id IS NULL, r.issued_at DESC, r.id DESC LIMIT 1`, donationID).Scan(&found).Error
	if err != nil {
		return nil, fmt.Errorf("find latest receipt: %w", err)
	}
	if len(found) == 0 {
		return nil, nil
	}
	return &found[0], nil
}

// nextNumber takes the next number of the organization's books for year. The counter row is locked until the transaction ends, so that a
// number of a receipt that is not issued after all is given again: no gaps. The organization is locked too; see lockFacts.
func nextNumber(ctx context.Context, tx database.Tx, o receipt.Organization, orgID uuid.UUID, year int) (receipt.Number, error) {
	var used []string
	if err := tx.Gorm(ctx).Raw(`SELECT series FROM receipt_counters WHERE year = ?`, year).Scan(&used).Error; err != nil {
		return receipt.Number{}, fmt.Errorf("find receipt series: %w", err)
	}
	own := orgID.String()[:8]
	series, mark := o.EIN, ""
	if series == "" || slices.Contains(used, own) { // when the EIN was claimed within the year, the same legal entity goes on counting
		series = own
	}
	if len(used) > 0 {
		mark = string(rune('A' + len(used))) // of a second legal entity; an open series keeps its own
	}
	n := receipt.Number{Series: series, Year: year}
	if _, err := tx.Exec(ctx, `INSERT INTO receipt_counters (org_id, series, year, mark, last_number) VALUES ($1, $2, $3, $4, 0)
		ON CONFLICT DO NOTHING`, orgID, series, year, mark); err != nil {
		return n, fmt.Errorf("open receipt series: %w", err)
	}
	err := tx.QueryRow(ctx, `UPDATE receipt_counters SET last_number = last_number + 1 WHERE series = $1 AND year = $2
		RETURNING last_number, mark`, series, year).Scan(&n.Number, &n.Mark)
	if err != nil {
		return n, fmt.Errorf("take receipt number: %w", err)
	}
	return n, nil
}

// queueReceipt writes a new receipt and makes it the one that stands. The key of standing_receipts refuses a second one.
func queueReceipt(ctx context.Context, tx database.Tx, issued receipt.Receipt) error {
	r := issued.Row()
	err := database.QueueCreate(ctx, tx, &receiptRow{
		OrgID: r.OrgID, ID: r.ID, DonationID: r.DonationID, Series: r.Number.Series, Year: int16(r.Number.Year), Number: int32(r.Number.Number), //nolint:gosec // years and counts
		ReplacesID: r.Replaces, AmountMinor: r.Amount.Minor, AmountCurrency: r.Amount.Currency, ReceivedOn: r.ReceivedOn, Content: r.Content, IssuedAt: r.IssuedAt,
	}, nil)
	if err != nil {
		return err
	}
	return database.QueueCreate(ctx, tx, &standingRow{OrgID: r.OrgID, DonationID: r.DonationID, ReceiptID: r.ID}, nil)
}

// queueVoid ends a receipt.
func queueVoid(ctx context.Context, tx database.Tx, v receipt.Void) error {
	err := database.QueueCreate(ctx, tx, &voidRow{OrgID: v.OrgID, ReceiptID: v.ReceiptID, Reason: v.Reason, VoidedBy: v.VoidedBy, VoidedAt: v.VoidedAt}, nil)
	if err != nil {
		return err
	}
	tx.Queue(`DELETE FROM standing_receipts WHERE receipt_id = $1`, []any{v.ReceiptID.UUID}, nil)
	return nil
}

// Page says which receipts to list.
type Page struct {
	DonationID *uuid.UUID
	Before     *Position // where the page before ended
	Limit      int
}

// Position is a receipt's place in the list.
type Position struct {
	IssuedAt time.Time
	ID       id.ID[receipt.Receipt]
}

// listReceipts returns up to Limit+1 receipts, the newest first.
func listReceipts(ctx context.Context, r database.Reader, p Page) ([]Kept, error) {
	where, args := []string{"true"}, []any{}
	if p.DonationID != nil {
		where, args = append(where, "r.donation_id = ?"), append(args, *p.DonationID)
	}
	if p.Before != nil {
		where, args = append(where, "(r.issued_at, r.id) < (?, ?)"), append(args, p.Before.IssuedAt, p.Before.ID)
	}
	var found []Kept
	err := r.Gorm(ctx).Raw(`SELECT `+keptColumns+` `+keptTables+` WHERE `+strings.Join(where, " AND ")+
		` ORDER BY r.issued_at DESC, r.id DESC LIMIT ?`, append(args, p.Limit+1)...).Scan(&found).Error
	if err != nil {
		return nil, fmt.Errorf("list receipts: %w", err)
	}
	return found, nil
}
