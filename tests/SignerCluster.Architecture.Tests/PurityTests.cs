using System.Reflection;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Xml.Linq;
using SignerCluster.Frost.KeyGeneration;
using SignerCluster.Protocol;
using SignerCluster.Protocol.RoastCoordinator;
using SignerCluster.Protocol.SigningSession;

namespace SignerCluster.Architecture.Tests;

/// <summary>Protocol and Frost compute, and do nothing else: no clock, no chance, no waiting, no input or output.</summary>
public sealed class PurityTests
{
    private const BindingFlags Everything =
        BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    private static readonly Type[] _banned =
    [
        typeof(Task), typeof(Task<>), typeof(ValueTask), typeof(ValueTask<>), typeof(IAsyncEnumerable<>), typeof(TimeProvider), typeof(Random),
        typeof(RandomNumberGenerator), typeof(Stream), typeof(TextReader), typeof(TextWriter), typeof(CancellationToken), typeof(Thread),
    ];

    public static TheoryData<string> PureProjects => ["SignerCluster.Frost", "SignerCluster.Protocol"];

    [Theory]
    [MemberData(nameof(PureProjects))]
    public void No_member_of_a_pure_project_speaks_of_time_chance_waiting_or_logging(string project)
    {
        List<string> impure = [];
        foreach (Type type in Load(project).GetTypes().Where(static type => !IsGeneratedJson(type)))
        {
            foreach (MemberInfo member in type.GetMembers(Everything))
            {
                impure.AddRange(TypesOf(member).SelectMany(Parts).Where(IsBanned).Select(banned => $"{type}.{member.Name} has a {banned}"));
            }
        }

        Assert.True(impure.Count == 0, string.Join('\n', impure));
    }

    [Theory]
    [MemberData(nameof(PureProjects))]
    public void A_pure_project_has_no_asynchronous_method(string project)
    {
        IEnumerable<string> found = Load(project).GetTypes().SelectMany(static type => type.GetMethods(Everything))
            .Where(static method => method.GetCustomAttribute<AsyncStateMachineAttribute>() is not null
                || method.GetCustomAttribute<AsyncIteratorStateMachineAttribute>() is not null)
            .Select(static method => $"{method.DeclaringType}.{method.Name}");
        Assert.Empty(found);
    }

    [Theory]
    [MemberData(nameof(PureProjects))]
    public void A_pure_project_refuses_the_banned_symbols_at_build(string project)
    {
        IEnumerable<string?> files = XElement.Parse(Repository.Read($"src/{project}/{project}.csproj")).Descendants("AdditionalFiles")
            .Select(static file => (string?)file.Attribute("Include"));
        Assert.Contains("../../BannedSymbols.txt", files);

        string banned = Repository.Read("BannedSymbols.txt");
        string[] needed =
        [
            "P:System.DateTime.UtcNow", "P:System.DateTimeOffset.UtcNow", "T:System.TimeProvider", "M:System.Guid.NewGuid", "T:System.Random",
            "T:System.Security.Cryptography.RandomNumberGenerator", "T:System.Threading.Tasks.Task", "T:System.IO.File", "T:System.Console",
        ];
        Assert.All(needed, symbol => Assert.Contains($"{symbol};", banned, StringComparison.Ordinal));
        Assert.Matches("dotnet_diagnostic\\.RS0030\\.severity *= *error", Repository.Read(".editorconfig"));
    }

    [Theory]
    [MemberData(nameof(PureProjects))]
    public void No_record_of_a_pure_project_holds_an_array_that_compares_by_reference(string project)
    {
        IEnumerable<string> found = Load(project).GetTypes().Where(Records.IsRecord)
            .SelectMany(static type =>
                type.GetProperties(Everything).Where(static property => IsByteSequence(property.PropertyType)).Select(property => $"{type}.{property.Name}"));
        Assert.Empty(found);
    }

    [Fact]
    public void Every_event_is_a_sealed_record_in_a_closed_hierarchy()
    {
        Type[] hierarchies = [.. Load("SignerCluster.Protocol").GetTypes()
            .Where(static type => type.IsAbstract && type.IsPublic && type.Name.EndsWith("Event", StringComparison.Ordinal))];
        Assert.Contains(typeof(SigningSessionEvent), hierarchies);
        Assert.Contains(typeof(RoastEvent), hierarchies);
        Assert.All(hierarchies, static hierarchy =>
        {
            Assert.DoesNotContain(hierarchy.GetConstructors(Everything), constructor => constructor.GetParameters().Length == 0 && !constructor.IsPrivate);
            Assert.All(
                hierarchy.Assembly.GetTypes().Where(type => type.BaseType == hierarchy),
                static @event => Assert.True(@event.IsSealed && Records.IsRecord(@event), @event.ToString()));
        });
    }

    private static Assembly Load(string project) => project == "SignerCluster.Frost" ? typeof(SecretShare).Assembly : typeof(SigningPackage).Assembly;

    // The JSON source generator writes converters whose inherited shape is the framework's, streams included.
    private static bool IsGeneratedJson(Type type) => type.Name == "WireJson" || type.DeclaringType?.Name == "WireJson";

    private static bool IsByteSequence(Type type) =>
        type.IsArray || (type.IsGenericType && type.GetGenericTypeDefinition() is { } definition
            && (definition == typeof(ReadOnlyMemory<>) || definition == typeof(Memory<>)
                || (definition == typeof(System.Collections.Immutable.ImmutableArray<>) && type.GetGenericArguments()[0] == typeof(byte))));

    private static bool IsBanned(Type type) =>
        _banned.Contains(type) || (type.IsGenericType && _banned.Contains(type.GetGenericTypeDefinition()))
        || typeof(Stream).IsAssignableFrom(type) || typeof(Random).IsAssignableFrom(type)
        || type.Namespace?.StartsWith("Microsoft.Extensions", StringComparison.Ordinal) == true;

    private static IEnumerable<Type> TypesOf(MemberInfo member) => member switch
    {
        FieldInfo field => [field.FieldType],
        PropertyInfo property => [property.PropertyType],
        MethodInfo method => [method.ReturnType, .. method.GetParameters().Select(static parameter => parameter.ParameterType)],
        ConstructorInfo constructor => constructor.GetParameters().Select(static parameter => parameter.ParameterType),
        _ => [],
    };

    private static IEnumerable<Type> Parts(Type type) => type switch
    {
        { HasElementType: true } => Parts(type.GetElementType()!),
        { IsGenericType: true } => [type, .. type.GetGenericArguments().SelectMany(Parts)],
        _ => [type],
    };
}
