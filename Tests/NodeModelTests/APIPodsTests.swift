import NodeModel
import Testing

@Suite struct APIPodsTests {
    @Test func ascendingOrder() {
        func pod(_ namespace: String?, _ name: String?) -> Pod {
            var pod = Pod()
            pod.metadata.namespace = namespace
            pod.metadata.name = name
            return pod
        }
        let pods = [pod("b", "a"), pod("a", "z"), pod("a", nil), pod(nil, "x"), pod("a", "b")]
        let sorted = APIPods(pods: pods).pods
        #expect(sorted.map(\.metadata.namespace) == [nil, "a", "a", "a", "b"])
        #expect(sorted.map(\.metadata.name) == ["x", nil, "b", "z", "a"])
    }
}
