import ChannelProtocol
import Testing

@testable import ServiceCore

@Suite struct StoreTests {
    @Test func whatIsStoredTakesThePlaceOfWhatWasThereOrFollowsIt() throws {
        var store = Store()
        _ = try store.store([nil], index: 0, name: "state", adds: false)
        let change = try store.store([nil], index: 0, name: "state", adds: false)
        #expect(change.gone == [1])
        _ = try store.store([nil], index: 0, name: "state", adds: true)
        #expect(store.entries(of: 0).map(\.number) == [2, 3])
        #expect(store.entries(of: 1).isEmpty)
    }

    @Test func aDuplicateIsNotAddedASecondTime() throws {
        var store = Store()
        _ = try store.store([nil], index: 0, name: "a", adds: true)
        #expect(try store.store([1], index: 0, name: "a", adds: true).numbers == [nil])
        #expect(try store.store([1], index: 0, name: "b", adds: true).numbers == [2])
        #expect(try store.store([nil], index: 0, name: "a", adds: true).numbers == [3])
    }

    @Test func itIsBoundedForAnIndexAndForTheService() throws {
        var store = Store()
        let many = [Int?](repeating: nil, count: ChannelLimits.mostStored)
        for index in 0..<ChannelLimits.mostStoredOfService / ChannelLimits.mostStored {
            _ = try store.store(many, index: index, name: "x", adds: false)
            let fault = #expect(throws: ChannelFault.self) {
                try store.store([nil], index: index, name: "y", adds: false)
            }
            #expect(fault?.code == .full)
        }
        #expect(throws: ChannelFault.self) {
            try store.store([nil], index: 100, name: "x", adds: false)
        }
        // What takes another's place is no more than before.
        #expect(try store.store(many, index: 3, name: "x", adds: false).gone.count == many.count)
        #expect(store.forget(index: 3, name: "x").count == many.count)
        _ = try store.store([nil], index: 100, name: "x", adds: false)
    }
}
