#version 450
#extension GL_GOOGLE_include_directive : require
#include "light.glsl"
//        ^ reference.import

#define PI 3.14159265
//      ^ definition.macro
#define SQUARE(x) ((x) * (x))
//      ^ definition.macro

layout(location = 0) in vec3 position;
//                           ^ definition.variable
layout(location = 1) in vec2 coordinate;
//                           ^ definition.variable
layout(location = 0) out vec4 color;
//                            ^ definition.variable

// What the camera sees.
layout(std140, binding = 0) uniform Camera {
//                                  ^ definition.struct doc="What the camera sees."
  mat4 view;
//     ^ definition.field in=Camera
  mat4 projection;
//     ^ definition.field in=Camera
} camera;
//^ definition.field in=Camera

layout(std430, binding = 1) readonly buffer Lights {
//                                          ^ definition.struct
  Light lights[];
//^ reference.type
//      ^ definition.field in=Lights
};

/* One surface. */
struct Material {
//     ^ definition.struct doc="One surface."
  vec3 albedo;
//     ^ definition.field in=Material
  float weights[4];
//      ^ definition.field in=Material
};

uniform sampler2D albedoMap;
//                ^ definition.variable
const float epsilon = 0.001;
//          ^ definition.constant
Material materials[8];
// <- reference.type
//       ^ definition.variable

float attenuate(float distance);

// How much light arrives.
float attenuate(float distance) {
//    ^ definition.function doc="How much light arrives."
  return 1.0 / max(SQUARE(distance), epsilon);
//                 ^ reference.call
}

vec3 shade(in Light light, Material material) {
//   ^ definition.function
  vec3 toLight = light.position - position;
  float strength = attenuate(length(toLight));
//                 ^ reference.call
  return material.albedo * strength / PI;
}

void main() {
//   ^ definition.function
  Material material = materials[0];
  material.albedo = texture(albedoMap, coordinate).rgb;
//^ reference.write
  vec3 sum = vec3(0.0);
  for (int i = 0; i < 4; i++) sum += shade(lights[i], material);
//                            ^ reference.write
//                                   ^ reference.call
  gl_Position = camera.projection * camera.view * vec4(position, 1.0);
//^ reference.write
  color = vec4(sum, 1.0);
//^ reference.write
}
