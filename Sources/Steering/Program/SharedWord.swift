import Synchronization

/// A 64-bit word that the program in the kernel reads and writes too.
@safe struct SharedLong {
    private let word: UnsafeMutablePointer<Atomic<UInt64>>

    /// The memory must stay mapped as long as the word is used.
    init(at address: UnsafeMutableRawPointer) {
        unsafe word = address.assumingMemoryBound(to: Atomic<UInt64>.self)
    }

    var value: UInt64 {
        get { unsafe word.pointee.load(ordering: .acquiring) }
        nonmutating set { unsafe word.pointee.store(newValue, ordering: .releasing) }
    }

    /// Stores `new` if the word is still `old`.
    func replace(_ old: UInt64, by new: UInt64) -> Bool {
        unsafe word.pointee.compareExchange(
            expected: old, desired: new, ordering: .sequentiallyConsistent
        ).exchanged
    }
}

/// A 32-bit word that the program in the kernel reads too.
@safe struct SharedShort {
    private let word: UnsafeMutablePointer<Atomic<UInt32>>

    /// The memory must stay mapped as long as the word is used.
    init(at address: UnsafeMutableRawPointer) {
        unsafe word = address.assumingMemoryBound(to: Atomic<UInt32>.self)
    }

    var value: UInt32 {
        get { unsafe word.pointee.load(ordering: .acquiring) }
        nonmutating set { unsafe word.pointee.store(newValue, ordering: .releasing) }
    }
}
