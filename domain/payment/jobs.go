package payment

import "github.com/google/uuid"

// Reconcile asks to fetch what an event tells of and to apply it.
type Reconcile struct {
	EventID string `json:"event_id"`
}

// Kind names the job.
func (Reconcile) Kind() string { return "payment.reconcile" }

// Refresh asks to fetch the state of a donation's payment, without an event.
type Refresh struct {
	OrgID      uuid.UUID `json:"org_id"`
	DonationID uuid.UUID `json:"donation_id"`
}

// Kind names the job.
func (Refresh) Kind() string { return "payment.refresh" }

// ExpirePage asks to close the gateway's page of an attempt that was withdrawn.
type ExpirePage struct {
	OrgID     uuid.UUID `json:"org_id"`
	AttemptID uuid.UUID `json:"attempt_id"`
}

// Kind names the job.
func (ExpirePage) Kind() string { return "payment.expire_page" }

// SendRefund asks to hand a requested refund to the gateway.
type SendRefund struct {
	OrgID    uuid.UUID `json:"org_id"`
	RefundID uuid.UUID `json:"refund_id"`
}

// Kind names the job.
func (SendRefund) Kind() string { return "payment.send_refund" }

// Sweep asks to look for what no event told: it fans out to one SweepOrganization each.
type Sweep struct{}

// Kind names the job.
func (Sweep) Kind() string { return "payment.sweep" }

// SweepOrganization asks to refresh an organization's open payments and to list the events it may have missed.
type SweepOrganization struct {
	OrgID uuid.UUID `json:"org_id"`
}

// Kind names the job.
func (SweepOrganization) Kind() string { return "payment.sweep_organization" }
