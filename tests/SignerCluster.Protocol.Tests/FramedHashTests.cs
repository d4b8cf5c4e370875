using SignerCluster.Frost;
using SignerCluster.Frost.Round1;
using SignerCluster.Frost.Tweaks;
using SignerCluster.Protocol.Tests.Harness;
using SignerCluster.Secp256k1;

namespace SignerCluster.Protocol.Tests;

/// <summary>Ids and hashes that bind everything they name.</summary>
public class FramedHashTests
{
    private static readonly TaggedHash _domain = new("test");
    private readonly Party _party = Party.Of(2, 3).WithTweaks(Party.Tweak(7), Party.Tweak(9, TweakMode.Plain));

    [Fact]
    public void Moving_a_byte_across_a_border_changes_the_hash()
    {
        HashSet<Bytes32> hashes = [];
        byte[] bytes = [0, 0, 0, 1, 0, 0, 0, 2];
        for (int border = 0; border <= bytes.Length; border++)
        {
            Assert.True(hashes.Add(Of(bytes.AsSpan(0, border), bytes.AsSpan(border))));
        }

        Assert.True(hashes.Add(new FramedHash(_domain).Add(bytes.AsSpan()).Finish()));
        Assert.True(hashes.Add(new FramedHash(_domain).Finish()));
        Assert.True(hashes.Add(new FramedHash(_domain).Add(default(ReadOnlySpan<byte>)).Finish()));
    }

    [Fact]
    public void A_hash_is_the_tagged_hash_of_length_prefixed_components()
    {
        byte[] framed = [0, 0, 0, 3, (byte)'a', (byte)'b', (byte)'c', 0, 0, 0, 4, 0, 0, 1, 2];
        Assert.Equal(_domain.Compute(framed), new FramedHash(_domain).Add("abc").Add(258).Finish());
        Assert.NotEqual(new TaggedHash("other").Compute(framed), new FramedHash(_domain).Add("abc").Add(258).Finish());
    }

    [Fact]
    public void A2_The_attempt_id_binds_every_field_of_the_request_but_its_artefact()
    {
        SessionId session = _party.Session;
        SigningRequest request = _party.Request;
        SeatSet all = _party.Group.Seats;
        HashSet<AttemptId> ids = [];
        foreach (AttemptContext context in (AttemptContext[])
            [
                AttemptContext.Derive(session, request, 1, all),
                AttemptContext.Derive(SessionId.Parse("payout-11"), request, 1, all),
                AttemptContext.Derive(SessionId.Parse("payout-1:1"), request, 1, all),
                AttemptContext.Derive(session, request with { Group = Party.Of(2, 3, "another").Id }, 1, all),
                AttemptContext.Derive(session, request with { Message = default(Bytes32) }, 1, all),
                AttemptContext.Derive(session, request with { Tweaks = TweakList.None }, 1, all),
                AttemptContext.Derive(session, request with { Tweaks = new TweakList(request.Tweaks.Single.Reverse()) }, 1, all),
                AttemptContext.Derive(session, request with { Tweaks = new TweakList(request.Tweaks.Single[0]) }, 1, all),
                AttemptContext.Derive(
                    session,
                    request with { Tweaks = new TweakList(request.Tweaks.Single[0], request.Tweaks.Single[1] with { Mode = TweakMode.XOnly }) },
                    1,
                    all),
                AttemptContext.Derive(session, request, 2, all),
                AttemptContext.Derive(session, request, 1, Party.Seats(0, 1)),
                AttemptContext.Derive(session, request, 1, Party.Seats(0, 1, 2, 3)),
            ])
        {
            Assert.True(ids.Add(context.Id));
        }

        AttemptContext plain = AttemptContext.Derive(session, request, 1, all);
        Assert.Equal(plain, AttemptContext.Derive(session, request with { Artefact = new PolicyArtefact.PsbtInput(ByteString.From([1]), 0) }, 1, all));
        Assert.True(plain.IsCanonical(session, request));
    }

    [Fact]
    public void The_package_hash_binds_every_field()
    {
        AttemptContext attempt = _party.Attempt(1);
        SigningPackage right = _party.Package(attempt, Party.Seat(0), _party.Commitment(attempt, Party.Seat(0)));
        (SeatId Seat, Batch<Commitment> Commitment)[] commitments = [.. right.Commitments];
        HashSet<PackageHash> hashes = [];
        foreach (SigningPackage package in (SigningPackage[])
            [
                right,
                right with { Attempt = attempt with { Id = default } },
                right with { Attempt = attempt with { Number = 2 } },
                right with { Attempt = attempt with { Included = Party.Seats(0, 1) } },
                right with { Message = default(Bytes32) },
                right with { Tweaks = TweakList.None },
                right with { Tweaks = new TweakList(right.Tweaks.Single.Reverse()) },
                right with { Commitments = SeatCommitments.From(commitments[..1]) },
                right with { Commitments = SeatCommitments.From([commitments[0], (Party.Seat(2), commitments[1].Commitment)]) },
                right with
                {
                    Commitments = SeatCommitments.From([(commitments[0].Seat, commitments[1].Commitment), (commitments[1].Seat, commitments[0].Commitment)]),
                },
                right with { Commitments = SeatCommitments.From([commitments[0], (commitments[1].Seat, default(Commitment))]) },
            ])
        {
            Assert.True(hashes.Add(package.ComputeHash()));
        }

        Assert.Contains((right with { Message = right.Message }).ComputeHash(), hashes);
    }

    private static Bytes32 Of(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second) => new FramedHash(_domain).Add(first).Add(second).Finish();
}
