import Testing

@testable import AWS

extension AWSCredentials {
    /// The key of AWS's published examples.
    static let example = AWSCredentials(
        accessKeyID: "AKIDEXAMPLE", secretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")
    static let temporaryExample = AWSCredentials(
        accessKeyID: example.accessKeyID, secretAccessKey: example.secretAccessKey, sessionToken: "TOKENEXAMPLE")
}

/// 2015-08-30 12:36:00 UTC, the time of AWS's published examples.
let exampleTime: Int64 = 1_440_938_160

@Suite struct SignatureV4Tests {
    typealias Request = SignatureV4.Request

    private func sign(_ request: Request, service: String = "service", as credentials: AWSCredentials = .example)
        -> [String: String]
    {
        let signer = SignatureV4(credentials: credentials, region: "us-east-1", service: service)
        let added = signer.headers(for: request, at: exampleTime)
        return Dictionary(uniqueKeysWithValues: added.map { ($0.name, $0.value) })
    }

    /// From the published suite of examples.
    static let published: [(name: String, request: Request, signed: String, digest: String, signature: String)] = [
        (
            "get-vanilla", Request(method: "GET", host: "example.amazonaws.com"), "host;x-amz-date",
            "bb579772317eb040ac9ed261061d46c1f17a8133879d6129b6e1c25292927e63",
            "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"
        ),
        (
            "get-vanilla-query-order-key-case",
            Request(method: "GET", host: "example.amazonaws.com", query: [("Param2", "value2"), ("Param1", "value1")]),
            "host;x-amz-date", "816cd5b414d056048ba4f7c5386d6e0533120fb1fcfa93762cf0fc39e2cf19e0",
            "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500"
        ),
        (
            "post-vanilla", Request(method: "POST", host: "example.amazonaws.com"), "host;x-amz-date",
            "553f88c9e4d10fc9e109e2aeb65f030801b70c2f6468faca261d401ae622fc87",
            "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"
        ),
    ]

    @Test(arguments: published)
    func publishedExample(name: String, request: Request, signed: String, digest: String, signature: String) {
        var dated = request
        dated.headers.append((name: "X-Amz-Date", value: "20150830T123600Z"))
        #expect(CanonicalRequest(dated).digest == digest)
        #expect(
            sign(request) == [
                "X-Amz-Date": "20150830T123600Z",
                "Authorization": "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, "
                    + "SignedHeaders=\(signed), Signature=\(signature)",
            ])
    }

    static let keys: [(service: String, key: String)] = [
        ("service", "938127b5336810ddb6a5d6af445fcac9e371f9ed418ed386b022aed82901be75"),
        ("iam", "c4afb1cc5771d871763a393e44b703571b55cc28424d1a5e86da6ed3c154a4b9"),
        ("sts", "a9d028e9e96178f3ed6acfa66eff308447119de7ba1dd1dc7b666bbcb5686dfd"),
    ]

    @Test(arguments: keys)
    func signingKey(service: String, key: String) {
        let signer = SignatureV4(credentials: .example, region: "us-east-1", service: service)
        #expect(Hexadecimal.text(signer.signingKey(day: "20150830")) == key)
    }

    static let presigned: [(method: String, signature: String)] = [
        ("POST", "6544a55c35d587a56d1041de1abf443791f63be1f75f555ca11b609879cd2020"),
        ("GET", "87c7f8d9941e61c41edd7bc50706e84315f7694276e56fc968c27659fda34d5a"),
    ]

    @Test(arguments: presigned)
    func presignedCallerIdentity(method: String, signature: String) {
        let signer = SignatureV4(
            credentials: AWSCredentials(accessKeyID: "access_key", secretAccessKey: "secret_key"),
            region: "us-west-2", service: "sts")
        let request = Request(
            method: method, host: "sts.us-west-2.amazonaws.com",
            query: [("Action", "GetCallerIdentity"), ("Version", "2011-06-15")])
        #expect(
            signer.presignedURL(for: request, at: 1_490_140_800, expires: 3600)
                == "https://sts.us-west-2.amazonaws.com/?Action=GetCallerIdentity&Version=2011-06-15"
                + "&X-Amz-Algorithm=AWS4-HMAC-SHA256"
                + "&X-Amz-Credential=access_key%2F20170322%2Fus-west-2%2Fsts%2Faws4_request"
                + "&X-Amz-Date=20170322T000000Z&X-Amz-Expires=3600&X-Amz-SignedHeaders=host"
                + "&X-Amz-Signature=\(signature)")
    }

    @Test func logEvents() {
        let body =
            #"{"logGroupName":"/breakoutd/demo","logStreamName":"i-0123456789abcdef0","#
            + #""logEvents":[{"timestamp":1440938160000,"message":"{}"}]}"#
        let request = Request(
            method: "POST", host: "logs.us-east-1.amazonaws.com",
            headers: [
                ("X-Amz-Target", "Logs_20140328.PutLogEvents"), ("Content-Type", "application/x-amz-json-1.1"),
            ], body: Array(body.utf8))
        #expect(
            sign(request, service: "logs", as: .temporaryExample) == [
                "X-Amz-Date": "20150830T123600Z", "X-Amz-Security-Token": "TOKENEXAMPLE",
                "Authorization": "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/logs/aws4_request, "
                    + "SignedHeaders=content-type;host;x-amz-date;x-amz-security-token;x-amz-target, "
                    + "Signature=103e49d26d47415ed952c647b9f7e1062a58904d225c27bfd76a2c3c24933d73",
            ])
    }
}
