using System.Reflection;
using SignerCluster.Bitcoin.Psbts;

namespace SignerCluster.Architecture.Tests;

/// <summary>A library that one project stands on stays inside it.</summary>
public sealed class LibraryTests
{
    private const BindingFlags Seen = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    [Fact]
    public void No_public_signature_of_the_bitcoin_project_has_a_type_of_NBitcoin()
    {
        IEnumerable<string> leaks =
            from type in typeof(Psbt).Assembly.GetExportedTypes()
            from member in type.GetMembers(Seen).Where(IsSeenOutside)
            from part in PartsOf(member)
            where part.Assembly.GetName().Name == "NBitcoin"
            select $"{type}.{member.Name} has a {part}";
        Assert.Empty(leaks);
    }

    [Fact]
    public void Only_the_bitcoin_project_uses_NBitcoin_and_nobody_uses_Newtonsoft()
    {
        // The executable is named for its users.
        string[] projects = ["signer", .. Directory.GetFiles(AppContext.BaseDirectory, "SignerCluster.*.dll")
            .Select(static path => Path.GetFileNameWithoutExtension(path)).Where(static name => !name.EndsWith(".Tests", StringComparison.Ordinal))];
        Assert.Contains("SignerCluster.Actors", projects);
        Assert.Equal(["SignerCluster.Bitcoin"], projects.Where(static project => Uses(project, "NBitcoin")));
        Assert.DoesNotContain(projects, static project => Uses(project, "Newtonsoft.Json"));
    }

    private static bool Uses(string project, string library) =>
        Assembly.Load(project).GetReferencedAssemblies().Any(reference => reference.Name == library);

    private static bool IsSeenOutside(MemberInfo member) => member switch
    {
        FieldInfo field => field.IsPublic || field.IsFamily,
        MethodBase method => method.IsPublic || method.IsFamily,
        _ => false,
    };

    private static IEnumerable<Type> PartsOf(MemberInfo member) => (member switch
    {
        FieldInfo field => [field.FieldType],
        MethodInfo method => [method.ReturnType, .. method.GetParameters().Select(static parameter => parameter.ParameterType)],
        ConstructorInfo constructor => constructor.GetParameters().Select(static parameter => parameter.ParameterType),
        _ => Enumerable.Empty<Type>(),
    }).SelectMany(Flattened);

    private static IEnumerable<Type> Flattened(Type type) =>
        [type, .. type.GetGenericArguments().SelectMany(Flattened), .. type.HasElementType ? Flattened(type.GetElementType()!) : []];
}
