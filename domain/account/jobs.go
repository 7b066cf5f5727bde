package account

// SweepSessions deletes sessions and mailed secrets that no longer work.
type SweepSessions struct{}

// Kind names the job.
func (SweepSessions) Kind() string { return "account.sweep_sessions" }
