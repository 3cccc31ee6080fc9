import ChannelProtocol
import Kernel
import Testing

@testable import Supervisor

@Suite struct DescriptorStoreTests {
    private func memory() throws -> ForeignDescriptor {
        ForeignDescriptor(try MemoryFile(named: "test").duplicateDescriptor())
    }

    /// Whether these and no others are stored for an index, in this order.
    private func holds(
        _ store: DescriptorStore, _ index: Int, _ wanted: [ForeignDescriptor]
    ) -> Bool {
        let found = store.entries(of: index).map(\.descriptor)
        return found.count == wanted.count && zip(found, wanted).allSatisfy { $0 === $1 }
    }

    @Test func whatIsStoredTakesThePlaceOfWhatWasThereOrFollowsIt() throws {
        var store = DescriptorStore()
        let (first, second, third) = (try memory(), try memory(), try memory())
        _ = try store.store([first], index: 0, name: "state", adds: false)
        let change = try store.store([second], index: 0, name: "state", adds: false)
        #expect(change.gone.map(\.number) == [1])
        _ = try store.store([third], index: 0, name: "state", adds: true)
        #expect(holds(store, 0, [second, third]))
        #expect(holds(store, 1, []))
        #expect(store.entries.map(\.number) == [2, 3])
    }

    @Test func aDuplicateIsNotAddedASecondTime() throws {
        var store = DescriptorStore()
        let file = try memory()
        let copy = ForeignDescriptor(try file.duplicateDescriptor())
        _ = try store.store([file], index: 0, name: "a", adds: true)
        #expect(try store.store([copy], index: 0, name: "a", adds: true).new.isEmpty)
        #expect(try store.store([copy], index: 0, name: "b", adds: true).new.count == 1)
        #expect(try store.store([try memory()], index: 0, name: "a", adds: true).new.count == 1)
    }

    @Test func itIsBoundedForAnIndexAndForTheService() throws {
        var store = DescriptorStore()
        let file = try memory()
        let many = [ForeignDescriptor](repeating: file, count: ChannelLimits.mostStored)
        for index in 0..<ChannelLimits.mostStoredOfService / ChannelLimits.mostStored {
            _ = try store.store(many, index: index, name: "x", adds: false)
            let fault = #expect(throws: ChannelFault.self) {
                try store.store([file], index: index, name: "y", adds: false)
            }
            #expect(fault?.code == .full)
        }
        #expect(throws: ChannelFault.self) {
            try store.store([file], index: 100, name: "x", adds: false)
        }
        // What takes another's place is no more than before.
        #expect(try store.store(many, index: 3, name: "x", adds: false).gone.count == many.count)
        #expect(store.forget(index: 3, name: "x").count == many.count)
        _ = try store.store([file], index: 100, name: "x", adds: false)
    }
}
