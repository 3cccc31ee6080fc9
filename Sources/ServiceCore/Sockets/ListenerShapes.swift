/// The owner of what is known of each listener, in the order of their numbers; and of which has to be written
/// down again.
struct ListenerShapes: Sendable {
    private(set) var all: [ListenerShape]
    private var changed: Set<Int>

    init(_ all: [ListenerShape]) {
        self.all = all
        changed = Set(all.indices)
    }

    subscript(number: Int) -> ListenerShape { all[number] }

    /// What has to be written down again; it is not told a second time.
    mutating func takeChanged() -> Set<Int> {
        defer { changed = [] }
        return changed
    }

    /// What is written down with it has changed.
    mutating func note(_ number: Int) { changed.insert(number) }

    mutating func note(_ numbers: some Sequence<Int>) { changed.formUnion(numbers) }

    private mutating func change(_ number: Int, _ change: (inout ListenerShape) -> Void) {
        change(&all[number])
        changed.insert(number)
    }

    mutating func add(_ shape: ListenerShape) {
        all.append(shape)
        changed.insert(all.count - 1)
    }

    /// It is bound elsewhere.
    mutating func move(_ number: Int, to shape: ListenerShape) {
        change(number) {
            let standing = $0.standing
            $0 = shape
            $0.standing = standing
        }
    }

    /// Another one has its number.
    mutating func replace(_ number: Int, by shape: ListenerShape) { change(number) { $0 = shape } }

    /// New generations get no slots of it.
    mutating func withdraw(_ number: Int) { change(number) { $0.standing = .withdrawn } }

    /// New generations get so many slots of it for each worker.
    mutating func name(_ number: Int, sockets: Int) {
        change(number) {
            $0.standing = .added
            $0.socketsPerWorker = sockets
        }
    }

    /// A worker has so many sockets there, and so is the next one to have.
    mutating func isToHave(_ sockets: Int, at number: Int) {
        change(number) { $0.isToHave(sockets) }
    }

    /// The next generation is not asked to serve there.
    mutating func isNotAsked(_ number: Int) { change(number) { $0.socketsPerWorker = 0 } }
}
