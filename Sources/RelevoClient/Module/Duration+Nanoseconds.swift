extension Duration {
    /// As a number of the clock's; negative ones are 0, and what does not fit is for ever.
    var nanoseconds: UInt64 {
        let (seconds, attoseconds) = components
        guard seconds >= 0, attoseconds >= 0 else { return 0 }
        let (whole, isTooLong) = UInt64(seconds).multipliedReportingOverflow(by: 1_000_000_000)
        let sum = whole.addingReportingOverflow(UInt64(attoseconds) / 1_000_000_000)
        return isTooLong || sum.overflow ? .max : sum.partialValue
    }
}
