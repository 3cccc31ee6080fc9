import ChannelProtocol

/// One descriptor that a worker has stored for its successors.
package struct StoredEntry: Hashable, Codable, Sendable {
    /// Its number among the kept names, never used twice.
    package let number: Int
    /// The index of the workers that it is for.
    package let index: Int
    package let name: String
}

/// The owner of the list of descriptors that workers have stored, in the order in which they came.
package struct Store: Hashable, Sendable {
    package private(set) var entries: [StoredEntry] = []
    private var lastNumber = 0

    package init() {}

    /// What workers of that index are handed.
    package func entries(of index: Int) -> [StoredEntry] { entries.filter { $0.index == index } }

    /// Takes descriptors under a name.
    ///
    /// - Parameters:
    ///   - duplicates: for each descriptor that came, the number of a stored one that is the same file.
    ///   - adds: whether what is under the name stays.
    /// - Returns: the number of each descriptor, nil for one that is there already; and what has gone.
    mutating func store(
        _ duplicates: [Int?], index: Int, name: String, adds: Bool
    ) throws(ChannelFault) -> (numbers: [Int?], gone: [Int]) {
        guard !duplicates.isEmpty else {
            throw ChannelFault(.descriptors, "there is no descriptor to be stored")
        }
        let present = entries.filter { $0.index == index && $0.name == name }
        let gone = adds ? [] : present.map(\.number)
        let known = Set(present.map(\.number))
        let isNew = duplicates.map { duplicate in
            guard adds, let duplicate else { return true }
            return !known.contains(duplicate)
        }
        let news = isNew.count { $0 }
        guard entries.count - gone.count + news <= ChannelLimits.mostStoredOfService else {
            throw ChannelFault(
                .full, "\(ChannelLimits.mostStoredOfService) descriptors are stored for the service"
            )
        }
        guard entries(of: index).count - gone.count + news <= ChannelLimits.mostStored else {
            throw ChannelFault(
                .full,
                "\(ChannelLimits.mostStored) descriptors are stored for the workers of index "
                    + "\(index)")
        }
        entries.removeAll { gone.contains($0.number) }
        let numbers = isNew.map { isNew -> Int? in
            guard isNew else { return nil }
            lastNumber += 1
            entries.append(StoredEntry(number: lastNumber, index: index, name: name))
            return lastNumber
        }
        return (numbers, gone)
    }

    /// - Returns: the numbers of what has gone.
    mutating func forget(index: Int, name: String) -> [Int] {
        let gone = entries.filter { $0.index == index && $0.name == name }.map(\.number)
        entries.removeAll { gone.contains($0.number) }
        return gone
    }

    /// Goes on with a predecessor's list; what was not kept is no longer there.
    mutating func resume(_ former: [StoredEntry], kept: Set<Int>) {
        lastNumber = former.map(\.number).max() ?? 0
        entries = former.filter { kept.contains($0.number) }
    }
}
