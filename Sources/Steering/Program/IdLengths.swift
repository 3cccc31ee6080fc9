import SteeringABI

/// A form of ids: how long they are, and whether their first eight bytes are their worker's cookie.
struct IdForm: Hashable {
    let byte: UInt8

    var length: Int { Int(byte) & Int(RELEVO_ID_LENGTH) }
    var isOwned: Bool { byte & UInt8(RELEVO_OWNED) != 0 }

    init(byte: UInt8) { self.byte = byte }

    init(length: Int, isOwned: Bool = false) {
        byte = UInt8(length) | (isOwned ? UInt8(RELEVO_OWNED) : 0)
    }
}

/// What a stay's clients have shown of its ids: the form that most of them have, and by how many more.
struct HeardLength: Equatable {
    let form: IdForm
    let votes: Int

    init(word: UInt32) {
        form = IdForm(byte: UInt8(truncatingIfNeeded: word))
        votes = Int(word >> 8)
    }

    init(_ form: IdForm, votes: Int) {
        self.form = form
        self.votes = votes
    }
}

/// The forms of ids that are looked up where no header tells the length: two, while two versions serve.
struct IdLengths: Equatable {
    /// Looked up first; of length 0 where none is known, or ids are empty.
    var first: IdForm
    var second: IdForm

    init(first: IdForm, second: IdForm) {
        self.first = first
        self.second = second
    }

    init(word: UInt64) {
        first = IdForm(byte: UInt8(truncatingIfNeeded: word))
        second = IdForm(byte: UInt8(truncatingIfNeeded: word >> 8))
    }

    var word: UInt64 { UInt64(first.byte) | UInt64(second.byte) << 8 }

    /// What is to be looked up from here on.
    ///
    /// The current generation's form comes first, for most ids are its own soon; what it has not shown yet is
    /// as before. The other one is that of the generations that drain.
    func next(current: [HeardLength], draining: [HeardLength]) -> IdLengths {
        let leading = Self.majority(of: current)
        let first = leading ?? self.first
        var candidates = [Self.majority(of: draining)].compactMap { $0 }
        // Of a generation that has not shown any, what was in force.
        if !draining.isEmpty, candidates.isEmpty || leading == nil {
            candidates += [self.first, self.second]
        }
        if leading == nil { candidates.append(self.second) }
        let other = candidates.first { $0.length != 0 && $0.length != first.length }
        return IdLengths(first: first, second: other ?? IdForm(length: 0))
    }

    private static func majority(of heard: [HeardLength]) -> IdForm? {
        var votes: [IdForm: Int] = [:]
        for one in heard where one.votes > 0 { votes[one.form, default: 0] += one.votes }
        return votes.max { ($0.value, $0.key.byte) < ($1.value, $1.key.byte) }?.key
    }
}
