package cause

import (
	"regexp"
	"strings"
	"time"

	"github.com/google/uuid"

	"tributary/domain/fault"
	"tributary/domain/id"
)

// Faults about funds.
var (
	// ErrFundNotFound means that the organization has no such fund.
	ErrFundNotFound = fault.NotFound("fund")
	// ErrFundCodeTaken means that another fund of the organization has this code.
	ErrFundCodeTaken = fault.New(fault.KindConflict, "fund.code_taken", "Another fund already has this code.")
	// ErrFundHasLiveCampaigns means that campaigns are collecting into the fund.
	ErrFundHasLiveCampaigns = fault.New(fault.KindConflict, "fund.has_live_campaigns", "A live campaign collects into this fund. End the campaign first.")
	// ErrFundInactive means that the fund takes no new gifts.
	ErrFundInactive = fault.New(fault.KindConflict, "fund.inactive", "This fund is closed for new gifts.")
)

// Restriction says how the money of a fund may be used.
type Restriction string

// The restrictions.
const (
	Unrestricted Restriction = "unrestricted"
	ForPurpose   Restriction = "purpose"
	ForTime      Restriction = "time"
	Endowment    Restriction = "endowment"
)

// Fund is the restriction a gift is booked to. Code and restriction never change: entries of the ledger rest on them.
type Fund struct {
	OrgID       uuid.UUID    `gorm:"primaryKey;type:uuid"`
	ID          id.ID[Fund]  `gorm:"primaryKey;type:uuid"`
	CauseID     id.ID[Cause] `gorm:"type:uuid"`
	Code        string
	Name        string
	Restriction Restriction
	Active      bool
	CreatedAt   time.Time
	UpdatedAt   time.Time `gorm:"autoUpdateTime:false"`
}

// TableName tells GORM the table.
func (Fund) TableName() string { return "funds" }

// FundDetails is what staff say of a new fund.
type FundDetails struct {
	Code        string
	Name        string
	Restriction Restriction
}

var codeForm = regexp.MustCompile(`^[A-Z0-9-]{1,20}$`)

// AddFund makes an active fund of the cause; its code is written in capitals.
func (c Cause) AddFund(d FundDetails, at time.Time) (Fund, error) {
	if c.Status == Archived {
		return Fund{}, ErrArchived
	}
	f := Fund{
		OrgID: c.OrgID, ID: id.New[Fund](), CauseID: c.ID, Code: strings.ToUpper(strings.TrimSpace(d.Code)), Restriction: d.Restriction,
		Active: true, CreatedAt: at, UpdatedAt: at,
	}
	if err := fault.Join(f.checkCode(), f.setName(&d.Name), f.checkRestriction()); err != nil {
		return Fund{}, err
	}
	return f, nil
}

// FundPatch names the fields to change; nil leaves a field as it is.
type FundPatch struct {
	Name   *string
	Active *bool
}

// Apply changes the fund, or leaves it as it was and says why.
func (f *Fund) Apply(p FundPatch, at time.Time) error {
	after := *f
	if err := after.setName(p.Name); err != nil {
		return err
	}
	if p.Active != nil {
		after.Active = *p.Active
	}
	if after != *f {
		after.UpdatedAt = at
		*f = after
	}
	return nil
}

func (f *Fund) setName(value *string) error { return setLine(&f.Name, value) }

func (f *Fund) checkCode() error {
	if !codeForm.MatchString(f.Code) {
		return fault.Invalid("code", "fund.code", "Use 1 to 20 letters, digits and dashes.")
	}
	return nil
}

func (f *Fund) checkRestriction() error {
	switch f.Restriction {
	case Unrestricted, ForPurpose, ForTime, Endowment:
		return nil
	}
	return fault.Invalid("restriction", "fund.restriction", "The restriction is unrestricted, purpose, time or endowment.")
}
