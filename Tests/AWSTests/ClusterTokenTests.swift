import HTTPTransport
import Testing

@testable import AWS

@Suite struct ClusterTokenTests {
    @Test func exactToken() {
        let token = ClusterToken(
            cluster: "demo-cluster", region: "us-east-1", credentials: .temporaryExample, at: exampleTime)
        #expect(token.text.utf8.count == 526)
        #expect(token.text.hasPrefix("k8s-aws-v1.aHR0cHM6Ly9zdHMudXMtZWFzdC0xLmFtYXpvbmF3cy5jb20v"))
        #expect(token.expiration == exampleTime + 840)
        #expect("\(token)" == "cluster token until \(exampleTime + 840)")
        #expect(
            Decoded.url(token.text)
                == "https://sts.us-east-1.amazonaws.com/?Action=GetCallerIdentity&Version=2011-06-15"
                + "&X-Amz-Algorithm=AWS4-HMAC-SHA256"
                + "&X-Amz-Credential=AKIDEXAMPLE%2F20150830%2Fus-east-1%2Fsts%2Faws4_request"
                + "&X-Amz-Date=20150830T123600Z&X-Amz-Expires=60&X-Amz-Security-Token=TOKENEXAMPLE"
                + "&X-Amz-SignedHeaders=host%3Bx-k8s-aws-id"
                + "&X-Amz-Signature=4ae2558eac3ed0f02994bc03cec57ab6601742ddb9fa7eb4ef5ebebab4fad905")
    }

    @Test func canonicalDigest() {
        let request = SignatureV4.Request(
            method: "GET", host: "sts.us-east-1.amazonaws.com",
            query: [
                ("Action", "GetCallerIdentity"), ("Version", "2011-06-15"), ("X-Amz-Algorithm", "AWS4-HMAC-SHA256"),
                ("X-Amz-Credential", "AKIDEXAMPLE/20150830/us-east-1/sts/aws4_request"),
                ("X-Amz-Date", "20150830T123600Z"), ("X-Amz-Expires", "60"),
                ("X-Amz-Security-Token", "TOKENEXAMPLE"), ("X-Amz-SignedHeaders", "host;x-k8s-aws-id"),
            ], headers: [("x-k8s-aws-id", "demo-cluster")])
        #expect(
            CanonicalRequest(request).digest == "d5cc27b86c1ace26a30a10a220cff97b15a687d45ba0fbdf3af9605a87b2f91d")
    }

    @Test(
        arguments: [
            ("eu-central-1", "sts.eu-central-1.amazonaws.com"), ("cn-north-1", "sts.cn-north-1.amazonaws.com.cn"),
            ("us-iso-east-1", "sts.us-iso-east-1.c2s.ic.gov"),
        ])
    func hostOfPartition(region: String, host: String) throws {
        let token = try source(region: region).token(at: exampleTime)
        #expect(Decoded.url(token.text).hasPrefix("https://\(host)/?Action="))
    }

    @Test func renewal() throws {
        let source = try source()
        let first = try source.token(at: exampleTime)
        #expect(try source.token(at: exampleTime + 599) == first)
        let second = try source.token(at: exampleTime + 600)
        #expect(second.text != first.text && second.expiration == exampleTime + 600 + 840)
        source.discard()
        #expect(try source.token(at: exampleTime + 601) != second)
    }

    private func source(region: String = "us-east-1") throws -> ClusterTokenSource {
        let environment = ["AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": "secret"]
        let client = try HTTPClient()
        let metadata = InstanceMetadata(client: client, environment: environment) { _ in }
        let provider = CredentialProvider(client: client, environment: environment, metadata: metadata) { _ in }
        return ClusterTokenSource(cluster: "demo-cluster", region: region, credentials: provider)
    }
}
