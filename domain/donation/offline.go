package donation

import (
	"time"

	"github.com/google/uuid"

	"tributary/domain/day"
	"tributary/domain/fault"
	"tributary/domain/id"
	"tributary/domain/money"
	"tributary/domain/text"
)

// Details is a gift that came by cheque, cash or transfer, as staff write it down.
type Details struct {
	PersonID      *uuid.UUID // who gave; nil: Donor is found or made
	Donor         Donor
	Amount        money.Money
	Method        Method
	Target        Target
	InstalmentID  *uuid.UUID // of the pledge, or plan, that it pays
	ReceivedOn    day.Day
	PaymentNumber string
	Note          string
	Reference     string // empty: one is made
	By            *uuid.UUID
	Request       Request
}

// oldest is how far back staff may record a gift: people bring decades of records.
var oldest = day.New(1900, time.January, 1)

// Record makes a received donation of staff's details; zone is the organization's and says which day it is.
func Record(org uuid.UUID, d Details, zone *time.Location, now time.Time) (Donation, error) {
	today := day.In(now, zone)
	var errDonor, errAmount, errMethod, errDate, errNumber, errNote, errRef error
	if d.PersonID == nil {
		errDonor = d.Donor.clean()
	}
	switch {
	case d.Amount.Minor <= 0:
		errAmount = money.ErrAmountTooSmall.With("amount")
	case d.Amount.Minor > 100*money.MaxMinor:
		errAmount = money.ErrAmountTooLarge.With("amount")
	}
	switch d.Method {
	case Cheque, Cash, BankTransfer, Other:
	case Card:
		errMethod = ErrMethod
	default:
		errMethod = ErrMethod
	}
	switch {
	case d.ReceivedOn.After(today):
		errDate = ErrInFuture
	case d.ReceivedOn.Before(oldest):
		errDate = ErrTooOld
	}
	d.PaymentNumber, errNumber = text.Line("payment_number", d.PaymentNumber, 60)
	d.Note, errNote = text.Block("note", d.Note, 2000)
	d.Reference, errRef = text.Line("reference", d.Reference, 40)
	if errRef == nil && d.Reference != "" && len([]rune(d.Reference)) < 4 {
		errRef = fault.Invalid("reference", "donation.reference_short", "A reference has at least 4 characters.")
	}
	if err := fault.Join(errAmount, errMethod, errDate, errDonor, errNumber, errNote, errRef); err != nil {
		return Donation{}, err
	}
	if d.Reference == "" {
		d.Reference = NewReference()
	}
	received := d.ReceivedOn
	at := received.Start(zone).Add(12 * time.Hour) // the day is known, not the hour
	if received == today {
		at = now
	}
	return Donation{
		OrgID: org, ID: id.New[Donation](), Reference: d.Reference, PersonID: d.PersonID, CampaignID: d.Target.CampaignID, CauseID: d.Target.CauseID,
		FundID: d.Target.FundID, InstalmentID: d.InstalmentID, Method: d.Method, Status: Recorded, Amount: d.Amount, DonorFirstName: d.Donor.FirstName, DonorLastName: d.Donor.LastName,
		DonorEmail: d.Donor.Email, Visibility: Anonymous, PaymentNumber: d.PaymentNumber, Note: d.Note, ReceivedOn: &received, InitiatedAt: at,
		SucceededAt: &at, OccurredAt: at, CreatedBy: d.By, Request: d.Request, UpdatedAt: now,
	}, nil
}
