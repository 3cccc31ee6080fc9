/// The duties that are not known to be done, in their order.
///
/// They are done from the front as a rule. So that one more that is done costs the record little, it has the
/// list as it was when it last became another one, and how many of that are done since.
struct Duties: Sendable {
    private(set) var listed: [Duty] = []
    /// How many at the front of the list are done.
    private(set) var done = 0
    /// Another number for another list.
    private(set) var edition = 0

    init(_ duties: [Duty] = []) { listed = duties }

    var open: ArraySlice<Duty> { listed[done...] }

    mutating func add(_ duty: Duty) {
        beginEdition()
        listed.append(duty)
    }

    /// A duty is done; one that is not known is let pass.
    mutating func end(_ duty: Duty) {
        guard let index = open.firstIndex(of: duty) else { return }
        if index == done, open.count > 1 {
            done += 1
        } else {
            listed.remove(at: index)
            beginEdition()
        }
    }

    private mutating func beginEdition() {
        listed.removeFirst(done)
        done = 0
        edition += 1
    }
}
