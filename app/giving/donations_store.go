package giving

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"tributary/app/platform/database"
	"tributary/domain/campaign"
	"tributary/domain/day"
	"tributary/domain/donation"
	"tributary/domain/fault"
	"tributary/domain/id"
	"tributary/domain/money"
	"tributary/domain/payment"
)

// tariffOn is the tariff in force on a day; the currency's usual one, if any, when the organization has none.
func tariffOn(ctx context.Context, r database.Reader, currency string, on day.Day) (money.Tariff, error) {
	t := money.Tariff{}
	err := r.QueryRow(ctx, `select basis_points, fixed_minor, cap_minor from tariffs
		where method = 'card' and currency = $1 and valid_from <= $2 order by valid_from desc limit 1`, currency, on).
		Scan(&t.BasisPoints, &t.Fixed, &t.Cap)
	if database.IsNoRows(err) {
		return usual[currency], nil
	}
	if err != nil {
		return money.Tariff{}, fmt.Errorf("find the tariff: %w", err)
	}
	return t, nil
}

// holdCampaign reads a campaign as it is, with the tariff in force for its gifts, and keeps it from ending until the transaction does.
func holdCampaign(ctx context.Context, tx database.Tx, which id.ID[campaign.Campaign], on day.Day) (campaign.Campaign, money.Tariff, error) {
	var rows []struct {
		campaign.Campaign `gorm:"embedded"`
		BasisPoints       *int64
		FixedMinor        int64
		CapMinor          int64
	}
	err := tx.Gorm(ctx).Raw(`select c.*, t.basis_points, coalesce(t.fixed_minor, 0) as fixed_minor, coalesce(t.cap_minor, 0) as cap_minor
		from campaigns c
		left join lateral (
			select basis_points, fixed_minor, cap_minor from tariffs
			where method = 'card' and currency = c.goal_currency and valid_from <= ? order by valid_from desc limit 1
		) t on true
		where c.id = ? for share of c`, on, which).Scan(&rows).Error
	switch {
	case err != nil:
		return campaign.Campaign{}, money.Tariff{}, fmt.Errorf("hold the campaign: %w", err)
	case len(rows) == 0:
		return campaign.Campaign{}, money.Tariff{}, campaign.ErrNotFound
	}
	c := rows[0].Campaign
	if rows[0].BasisPoints == nil {
		return c, usual[c.Currency()], nil
	}
	return c, money.Tariff{BasisPoints: *rows[0].BasisPoints, Fixed: rows[0].FixedMinor, Cap: rows[0].CapMinor}, nil
}

// insertOrFindByForm stores a new donation, or replaces d by the one that the same form made before and locks it; made tells which.
func insertOrFindByForm(ctx context.Context, tx database.Tx, d *donation.Donation) (made bool, err error) {
	unlessMade := clause.OnConflict{
		Columns:     []clause.Column{{Name: "org_id"}, {Name: "form_token"}},
		TargetWhere: clause.Where{Exprs: []clause.Expression{clause.Expr{SQL: "form_token IS NOT NULL"}}},
		DoNothing:   true,
	}
	insert := tx.Gorm(ctx).Clauses(unlessMade).Create(d)
	if insert.Error != nil {
		return false, fmt.Errorf("insert donation: %w", explainDonation(insert.Error))
	}
	if insert.RowsAffected == 1 {
		return true, nil
	}
	found, err := gorm.G[donation.Donation](tx.Gorm(ctx), clause.Locking{Strength: "UPDATE"}).Where("form_token = ?", d.FormToken).Take(ctx)
	if err != nil {
		return false, fmt.Errorf("find the form's donation: %w", err)
	}
	*d = found
	return false, nil
}

// queueDonation stores a new donation with the transaction's other writes.
func queueDonation(ctx context.Context, tx database.Tx, d *donation.Donation) error {
	return database.QueueCreate(ctx, tx, d, func(err error) error { return fmt.Errorf("insert donation: %w", explainDonation(err)) })
}

// errRepeated means that an earlier request with the same key made this already.
var errRepeated = errors.New("made by an earlier request")

func explainDonation(err error) error {
	switch database.Constraint(err) {
	case "donations_request_key_key":
		return errRepeated
	case "donations_reference_key":
		return donation.ErrReferenceTaken
	case "donations_person_id_fkey":
		return fault.Invalid("person_id", "donation.person_unknown", "There is no such person.")
	case "donations_campaign_id_fkey":
		return fault.Invalid("campaign_id", "donation.campaign_unknown", "There is no such campaign.")
	case "donations_fund_id_fkey":
		return fault.Invalid("fund_id", "donation.fund_unknown", "There is no such fund.")
	}
	return err
}

// lockDonation reads the newest state of d and holds it until the transaction ends.
func lockDonation(ctx context.Context, tx database.Tx, d *donation.Donation) error {
	found, err := gorm.G[donation.Donation](tx.Gorm(ctx), clause.Locking{Strength: "UPDATE"}).Where("id = ?", d.ID).Take(ctx)
	if database.IsNoRows(err) {
		return donation.ErrNotFound
	}
	if err != nil {
		return fmt.Errorf("lock donation: %w", err)
	}
	*d = found
	return nil
}

func findDonation(ctx context.Context, r database.Reader, donationID id.ID[donation.Donation]) (donation.Donation, error) {
	return firstDonation(ctx, r, "id = ?", donationID)
}

func donationByReference(ctx context.Context, r database.Reader, reference string) (donation.Donation, error) {
	return firstDonation(ctx, r, "reference = ?", reference)
}

func firstDonation(ctx context.Context, r database.Reader, where string, arg any) (donation.Donation, error) {
	d, err := gorm.G[donation.Donation](r.Gorm(ctx)).Where(where, arg).Take(ctx)
	if database.IsNoRows(err) {
		return d, donation.ErrNotFound
	}
	if err != nil {
		return d, fmt.Errorf("find donation: %w", err)
	}
	return d, nil
}

// saveStatus writes what Settle decides.
func saveStatus(ctx context.Context, tx database.Tx, d donation.Donation) error {
	err := tx.Gorm(ctx).Model(&d).Where("org_id = ? and id = ?", d.OrgID, d.ID).
		Select("Status", "PersonID", "RefundedMinor", "ReviewReason", "ReceivedOn", "SucceededAt", "OccurredAt", "UpdatedAt").Updates(d).Error
	if err != nil {
		return fmt.Errorf("save donation: %w", explainDonation(err))
	}
	return nil
}

// saveInstalment ties a gift to the instalment that it pays.
func saveInstalment(ctx context.Context, tx database.Tx, d donation.Donation) error {
	if err := tx.Gorm(ctx).Model(&d).Where("org_id = ? and id = ?", d.OrgID, d.ID).Select("InstalmentID").Updates(d).Error; err != nil {
		return fmt.Errorf("tie donation to its instalment: %w", err)
	}
	return nil
}

// setThanked marks who thanked for a gift and when, or takes the mark away. It reports whether anything changed.
func setThanked(ctx context.Context, tx database.Tx, d donation.Donation) (bool, error) {
	done := tx.Gorm(ctx).Model(&d).Where("org_id = ? and id = ?", d.OrgID, d.ID).Where("(thanked_at is null) <> ?", d.ThankedAt == nil).
		Select("ThankedAt", "ThankedBy", "UpdatedAt").Updates(d)
	if done.Error != nil {
		return false, fmt.Errorf("mark donation thanked: %w", done.Error)
	}
	return done.RowsAffected == 1, nil
}

func saveNote(ctx context.Context, tx database.Tx, d donation.Donation) error {
	if err := tx.Gorm(ctx).Model(&d).Where("org_id = ? and id = ?", d.OrgID, d.ID).Select("Note", "UpdatedAt").Updates(d).Error; err != nil {
		return fmt.Errorf("save note: %w", err)
	}
	return nil
}

func insertAttempt(ctx context.Context, tx database.Tx, a payment.Attempt) error {
	if err := gorm.G[payment.Attempt](tx.Gorm(ctx)).Create(ctx, &a); err != nil {
		return fmt.Errorf("insert attempt: %w", err)
	}
	return nil
}

func newestAttempt(ctx context.Context, r database.Reader, donationID id.ID[donation.Donation]) (payment.Attempt, error) {
	a, err := gorm.G[payment.Attempt](r.Gorm(ctx)).Where("donation_id = ?", donationID).Order("n desc").Take(ctx)
	if err != nil {
		return a, fmt.Errorf("find attempt: %w", err)
	}
	return a, nil
}

func attemptsOf(ctx context.Context, r database.Reader, donationID id.ID[donation.Donation]) ([]payment.Attempt, error) {
	attempts, err := gorm.G[payment.Attempt](r.Gorm(ctx)).Where("donation_id = ?", donationID).Order("n").Find(ctx)
	if err != nil {
		return nil, fmt.Errorf("list attempts: %w", err)
	}
	return attempts, nil
}

// answerAttempt keeps Stripe's answer to an attempt's request: its page, or that it was refused (no session). The page is kept even when the
// attempt was given up meanwhile, so that its money would be found.
func answerAttempt(ctx context.Context, tx database.Tx, a payment.Attempt, session payment.Session, now time.Time) error {
	if session.ID == "" {
		_, err := tx.Exec(ctx, `update payment_attempts set state = 'failed', updated_at = $3
			where org_id = $1 and id = $2 and state in ('created', 'unknown') and session_id is null`, a.OrgID, a.ID, now)
		if err != nil {
			return fmt.Errorf("close refused attempt: %w", err)
		}
		return nil
	}
	_, err := tx.Exec(ctx, `update payment_attempts set state = case when state in ('created', 'unknown') then 'open' else state end,
		session_id = $3, session_url = $4, expires_at = $5, updated_at = $6
		where org_id = $1 and id = $2 and (session_id is null or state in ('created', 'unknown'))`, a.OrgID, a.ID, session.ID, session.URL, session.ExpiresAt, now)
	if err != nil {
		return fmt.Errorf("open attempt: %w", err)
	}
	return nil
}

// adoptSession ties a page to the attempt that it names, when the attempt never heard of its page.
func adoptSession(ctx context.Context, tx database.Tx, donationID id.ID[donation.Donation], n int, session payment.Session) error {
	_, err := tx.Exec(ctx, `update payment_attempts set session_id = $3, session_url = $4, expires_at = $5
		where donation_id = $1 and n = $2 and session_id is null`, donationID, n, session.ID, session.URL, session.ExpiresAt)
	if err != nil {
		return fmt.Errorf("adopt checkout: %w", err)
	}
	return nil
}

// adoptIntent ties a charge to the attempt that it names, when the attempt never heard Stripe's answer.
func adoptIntent(ctx context.Context, tx database.Tx, donationID id.ID[donation.Donation], n int, intentID string) error {
	_, err := tx.Exec(ctx, `update payment_attempts set payment_intent_id = $3
		where donation_id = $1 and n = $2 and kind = 'charge' and payment_intent_id is null`, donationID, n, intentID)
	if err != nil {
		return fmt.Errorf("adopt charge: %w", err)
	}
	return nil
}

func closeAttempt(ctx context.Context, tx database.Tx, a payment.Attempt, state payment.AttemptState, now time.Time) error {
	_, err := tx.Exec(ctx, "update payment_attempts set state = $3, updated_at = $4 where org_id = $1 and id = $2", a.OrgID, a.ID, string(state), now)
	if err != nil {
		return fmt.Errorf("close attempt: %w", err)
	}
	return nil
}

// saveAttempt writes what Stripe says of an attempt.
func saveAttempt(ctx context.Context, tx database.Tx, a payment.Attempt) error {
	err := tx.Gorm(ctx).Model(&a).Where("org_id = ? and id = ?", a.OrgID, a.ID).Select("State", "PaymentIntentID", "DeclineCode", "UpdatedAt").Updates(a).Error
	if err != nil {
		return fmt.Errorf("save attempt: %w", err)
	}
	return nil
}

// queueStripeObject remembers whose a Stripe object is. It is not tenant data, so it can be asked before the tenant is known.
func queueStripeObject(tx database.Tx, stripeID string, org, donationID uuid.UUID, now time.Time) {
	tx.Queue("insert into stripe_objects (stripe_id, org_id, donation_id, created_at) values ($1, $2, $3, $4) on conflict do nothing",
		[]any{stripeID, org, donationID, now}, nil)
}

func eraseDonor(ctx context.Context, tx database.Tx, personID uuid.UUID, now time.Time) error {
	_, err := tx.Exec(ctx, `update donations set donor_first_name = '', donor_last_name = '', donor_email = '', comment = '', visibility = 'anonymous',
		payment_number = '', note = '', updated_at = $2 where person_id = $1`, personID, now)
	if err != nil {
		return fmt.Errorf("erase donor: %w", err)
	}
	return nil
}
